"""The trail of acts in words: what a tag, a kind of record, a state and a parameter are called. Pure.

Labels are catalogue entries (English). Moves bring their own label; everything else that is written down stands here.
"""

from collections.abc import Mapping

from app.rules import slips
from app.rules.catalogues import CATALOGUES
from app.rules.lifecycles import LIFECYCLES, all_moves
from app.rules.permissions import POST_KINDS
from app.vocabulary import N_

ACTS: Mapping[str, str] = {
    **{move.name: move.label for move in all_moves()},
    "account.added": N_("opened an account"),
    "account.signed_in": N_("signed in"),
    "account.signed_out": N_("signed out"),
    "account.sign_in_failed": N_("sign-in failed"),
    "account.sign_in_locked": N_("tried to sign in while locked"),
    "account.locked": N_("account locked after wrong passwords"),
    "account.unlocked": N_("unlocked the account"),
    "account.password_assigned": N_("gave a new password"),
    "account.password_changed": N_("changed the own password"),
    "account.disabled": N_("disabled the account"),
    "account.enabled": N_("enabled the account"),
    "assignment.giver_changed": N_("put another in the place of who gave an assignment"),
    "assignment.handed_over": N_("handed an assignment over"),
    "catalogue.added": N_("added a row of a catalogue"),
    "catalogue.changed": N_("changed a row of a catalogue"),
    "catalogue.removed": N_("took a row out of a catalogue"),
    "delegation.granted": N_("gave a delegation"),
    "delegation.paper_added": N_("attached the written authority of a delegation"),
    "delegation.revoked": N_("revoked a delegation"),
    "demo.begun": N_("loading of the made-up office began"),
    "demo.loaded": N_("made-up office loaded"),
    "document.handed_over": N_("handed over what was presented"),
    "files.findings": N_("comparing files with the records: something found"),
    "incoming.withheld": N_("withheld the content of a paper"),
    "job.ordered": N_("ordered a job"),
    "organisation.added": N_("added an organisation"),
    "outgoing.prepared": N_("prepared an outgoing document"),
    "outgoing.abandoned": N_("put an outgoing document aside"),
    "outgoing.issued": N_("an outgoing document went out"),
    "person.added": N_("added a person"),
    "person.changed": N_("changed the person’s particulars"),
    "person.handed_over": N_("handed the work of a leaver over"),
    "person.released": N_("let a person go although work is open"),
    "post.given": N_("gave a post"),
    "post.ended": N_("ended a post"),
    "reference.loaded": N_("start data loaded"),
    "role.added": N_("added a role"),
    "role.changed": N_("changed a role"),
    "role.of_post_changed": N_("changed the roles of a post"),
    "role.synchronised": N_("a new version of the program brought permissions or roles"),
    "setting.changed": N_("changed a setting"),
    "signature.checked_again": N_("digital signatures checked again"),
}
"""Tag of an event → the act in a few words."""

SUBJECTS: Mapping[str, str] = {
    "document": N_("Document"),
    "account": N_("Account"),
    "person": N_("Person"),
    "role": N_("Role"),
    "delegation": N_("Delegation"),
    "setting": N_("Setting"),
    "job": N_("Job"),
    "store": N_("File store"),
    "reference": N_("Start data"),
    "demo": N_("Made-up office"),
    "organisation": N_("Organisation"),
    "document_type": N_("Document type"),
    "urgency_level": N_("Urgency level"),
    "number_series": N_("Number series"),
    "register_book": N_("Register book"),
    "calendar_day": N_("Day of the calendar"),
    "work_field": N_("Field of work"),
    "deadline_rule": N_("Prescribed term"),
}
"""Kind of record that an event is about → its name."""

STATES: Mapping[str, str] = {
    **slips.STATES,
    **{str(state): label for lifecycle in LIFECYCLES.values() for state, label in lifecycle.states.items()},
}

PARAMETERS: Mapping[str, str] = {
    **{each.name: each.label for catalogue in CATALOGUES.values() for each in catalogue.attributes.values()},
    "added": N_("Added"),
    "address": N_("Address"),
    "after": N_("After"),
    "authority": N_("Written authority"),
    "before": N_("Before"),
    "by": N_("Ordered by"),
    "changes": N_("Changes"),
    "count": N_("How many"),
    "counts": N_("Counts"),
    "deep": N_("Contents read too"),
    "documents": N_("Documents"),
    "edited": N_("Changed"),
    "findings": N_("Found"),
    "grantee": N_("Delegated to"),
    "grantor": N_("Delegated by"),
    "grants": N_("Rights of roles"),
    "kind": N_("Kind"),
    "moves": N_("Acts covered"),
    "name": N_("Name"),
    "noun": N_("Catalogue"),
    "number": N_("Number"),
    "people": N_("People"),
    "permissions": N_("Rights"),
    "person": N_("Person"),
    "reason": N_("Reason"),
    "removed": N_("Taken away"),
    "role": N_("Role"),
    "roles": N_("Roles"),
    "setting": N_("Setting"),
    "since": N_("From day"),
    "slip": N_("Paper"),
    "day": N_("Day"),
    "title": N_("Title of the post"),
    "titles": N_("Files"),
    "roots": N_("Trusted root certificates"),
    "unreadable": N_("Files that cannot be read"),
    "files": N_("Files"),
    "decided": N_("Decided"),
    "things": N_("What was open"),
    "unit": N_("Unit"),
    "until": N_("Until day"),
    "username": N_("User name"),
    "version": N_("Version"),
    "year": N_("Year"),
    "encrypted": N_("Encrypted"),
    "javascript": N_("Scripts"),
    "signatures": N_("Digital signatures"),
    "embedded_files": N_("Files inside"),
    "blobs": N_("Stored files"),
    "uploads": N_("Uploads"),
    "delivered": N_("Delivered"),
    "failed": N_("Failed"),
    "notices": N_("Notices"),
    "calendar_days": N_("Calendar of days off"),
    "document_types": N_("Document types"),
    "number_series": N_("Number series"),
    "organisations": N_("Organisations"),
    "register_books": N_("Register books"),
    "urgency_levels": N_("Urgency levels"),
    "work_fields": N_("Fields of work"),
}
"""Name of a parameter of an event, or of a figure of a job or file → what it is called."""

VALUES: Mapping[str, Mapping[str, str]] = {
    "kind": {str(kind): label for kind, label in POST_KINDS.items()},
    "noun": SUBJECTS,
}
"""Parameters whose values have names of their own."""
