"""The trail of acts as sentences in the reader's language: what was done, by whom, and the short name of a tag.

Events are kept for as long as the records; what an old one does not tell stands as "…" and never breaks a page.
"""

from datetime import date
from typing import Any

from flask_babel import gettext

from app.models import Event
from app.rules.incoming import VERDICTS
from app.rules.lifecycle import Move
from app.rules.lifecycles import move_named
from app.rules.permissions import POST_KINDS
from app.rules.settings import DEFINITIONS
from app.rules.trail import ACTS
from app.vocabulary import N_, PostKind, Power

SENTENCES = {
    "reference.loaded": N_("loaded the start data"),
    "demo.begun": N_("began to load the made-up office"),
    "demo.loaded": N_("loaded the made-up office"),
    "person.added": N_("added %(name)s"),
    "person.changed": N_("changed the person’s particulars"),
    "post.given": N_("gave the post %(title)s, %(unit)s"),
    "post.ended": N_("ended the post %(title)s, %(unit)s, with %(until)s"),
    "account.added": N_("opened the account %(username)s"),
    "account.signed_in": N_("signed in from %(address)s"),
    "account.signed_out": N_("signed out"),
    "account.sign_in_failed": N_("wrong password or disabled account, from %(address)s"),
    "account.sign_in_locked": N_("tried to sign in while locked, from %(address)s"),
    "account.locked": N_("the account was locked after too many wrong passwords"),
    "account.unlocked": N_("unlocked the account"),
    "account.password_assigned": N_("gave a new password"),
    "account.password_changed": N_("changed the own password"),
    "account.disabled": N_("disabled the account"),
    "account.enabled": N_("enabled the account"),
    "role.added": N_("added the role %(role)s"),
    "role.changed": N_("changed the role %(role)s"),
    "role.of_post_changed": N_("changed the roles of the post %(kind)s: %(before)s → %(after)s"),
    "role.synchronised": N_("a new version of the program brought permissions or roles"),
    "delegation.granted": N_("delegated from %(grantor)s to %(grantee)s: %(authority)s"),
    "delegation.revoked": N_("revoked the delegation from %(grantor)s to %(grantee)s"),
    "delegation.paper_added": N_("attached the written authority: %(titles)s"),
    "assignment.handed_over": N_("handed the work of %(before)s over to %(name)s: %(reason)s"),
    "assignment.giver_changed": N_("put %(name)s in the place of %(before)s, who gave this work: %(reason)s"),
    "document.handed_over": N_("handed what was presented to %(before)s over to %(name)s: %(reason)s"),
    "person.handed_over": N_("handed over to %(name)s: %(count)s pieces of work; %(reason)s"),
    "person.released": N_("let this person go although %(count)s things are open: %(reason)s"),
    "setting.changed": N_("changed %(setting)s: %(before)s → %(after)s"),
    "catalogue.added": N_("added this row"),
    "catalogue.changed": N_("changed this row"),
    "catalogue.removed": N_("took this row away"),
    "incoming.withheld": N_("said that it contains state secrets: its content is shown to nobody any more"),
    "organisation.added": N_("added this organisation"),
    "outgoing.prepared": N_("prepared %(slip)s"),
    "outgoing.abandoned": N_("put aside %(slip)s, which had not gone out"),
    "outgoing.issued": N_("noted that %(slip)s went out on %(day)s"),
    "job.ordered": N_("ordered the job to run now"),
    "signature.checked_again": N_("checked the digital signatures again: %(before)s → %(after)s"),
    "files.findings": N_("compared files with the records and found differences"),
}
"""Tag of an event → what was done, said after who did it. Moves bring their own sentence."""
BY_ITSELF = frozenset({"account.sign_in_failed", "account.sign_in_locked", "account.locked"})
"""Acts that nobody who is known did: their sentence stands without a name."""
BY_OWNER = frozenset({"account.signed_in", "account.signed_out"})
"""Acts that only the owner of the record can do: the name would be said twice."""
UNTOLD = "…"
_POWERS = {
    Power.ENTRY.value: N_("%(who)s, entering for %(whom)s,"),
    Power.SUBSTITUTION.value: N_("%(who)s, in place of %(whom)s,"),
}


def who(event: Event) -> str:
    """Post, name, and for whom: as they were then."""
    name = f"{event.actor_post} {event.actor_name}".strip()
    if event.actor_name.startswith("system:"):
        name = gettext("The program")
    if event.on_behalf_of_name:
        words = _POWERS.get(event.power, N_("%(who)s, for %(whom)s,"))
        return gettext(words) % {"who": name, "whom": event.on_behalf_of_name}
    return name


def sentence(event: Event) -> str:
    """What was done; a parameter that the record does not tell stands as "…", an unknown tag by its label."""
    move = move_named(event.tag)
    words = move.event if move is not None else SENTENCES.get(event.tag, "")
    return gettext(words) % _Told(_parameters(event)) if words else label(event.tag)


def done_words(move: Move, event: Event | None) -> str:
    """What the person who made the move reads, with what its event tells."""
    return gettext(move.done) % _Told(_parameters(event) if event is not None else {})


def line(event: Event) -> str:
    """Who did what, as one sentence."""
    said = sentence(event)
    if event.tag in BY_ITSELF or event.tag in BY_OWNER:
        return said[:1].upper() + said[1:]
    return f"{who(event)} {said}"


def label(tag: str) -> str:
    """The act in a few words, for filters and tables; a tag that no version of the program knows, as it is."""
    return gettext(ACTS[tag]) if tag in ACTS else tag


class _Told(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return UNTOLD


def _parameters(event: Event) -> dict[str, Any]:
    """The event's parameters as people read them."""
    told = {name: _shown(value) for name, value in (event.params or {}).items()}
    if "why" in told:  # kept in the language of the code
        told["why"] = gettext(told["why"])
    if event.tag == "role.of_post_changed" and event.subject_id in set(PostKind):
        told["kind"] = gettext(POST_KINDS[PostKind(event.subject_id)])
    if event.tag == "signature.checked_again":
        told |= {when: gettext(VERDICTS[told[when]]) for when in ("before", "after") if told.get(when) in VERDICTS}
    if event.tag == "setting.changed" and event.subject_id in DEFINITIONS:
        told["setting"] = gettext(DEFINITIONS[event.subject_id].label)
    return told


def _shown(value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, str):
        try:
            return date.fromisoformat(value).strftime("%d/%m/%Y")
        except ValueError:
            return value or "–"
    return value
