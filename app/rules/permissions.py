"""Who is what to a record, and the roles a new installation starts with. Pure.

From then on the roles belong to the IT centre, which edits them on screen; ``flask records sync-roles`` adds
what a new version brings and never overwrites an edit (docs/architecture.md, Rights).
"""

from collections.abc import Iterable

from app.actor import Actor
from app.rules.lifecycle import Relation
from app.vocabulary import N_, PostKind

READ = ("list", "show")
EDIT = ("list", "show", "add", "edit")

CATALOGUES = (
    "organisation",
    "document_type",
    "urgency_level",
    "number_series",
    "register_book",
    "calendar_day",
    "work_field",
    "deadline_rule",
)
"""Nouns of the catalogue screens (danh mục)."""

ADMINISTRATION = ("person", "account", "role", "delegation", "setting", "console")
"""Nouns of the IT centre's screens (quản trị)."""


def _grants(nouns: Iterable[str], verbs: Iterable[str]) -> frozenset[tuple[str, str]]:
    return frozenset((noun, verb) for noun in nouns for verb in verbs)


_READER = (
    _grants(["incoming"], ["list", "show", "download"])
    | _grants(["desk"], ["show"])
    | _grants(["api"], ["use"])
    | _grants(["notice"], ["list", "edit"])
)
_CATALOGUE_READER = _grants(CATALOGUES, READ)
_REGISTRY = _grants(
    ["incoming"],
    (
        *("receive", "register", "advance", "give_number", "correct", "attach", "add_paper_copy"),
        *("refuse", "send_back", "cancel_number", "join", "discard", "print", "export"),
    ),
)
_EXPORTER = _grants(["incoming"], ["export"])
_FOLLOWS = _grants(["handling"], ["list"]) | _grants(["assignment"], ["follow"])
"""The lists of what is to be presented and assigned; who holds what, and how late (212/16.1.h, 16.1.i)."""
_ROUTING = _FOLLOWS | _grants(["handling"], ["present", "route"]) | _grants(["assignment"], ["chase"])
_WORKER = (
    _grants(["handling"], ("list", "show", "file", "transfer", "return_to_sender", "process", "complete", "revise"))
    | _grants(["assignment"], ("list", "show", "ask", "opine", "contribute", "acknowledge", "give_back"))
    | _grants(["assignment"], ("ask_extension", "suspend", "resume", "restore"))
)
"""Whoever belongs to the Office may be given something to do; what of it is theirs, the assignments say."""
_GIVER = _grants(
    ["assignment"],
    ("pass_on", "take_back", "grant_extension", "refuse_extension", "change_deadline", "chase"),
)
_LEADER = _grants(["handling"], ("assign", "decline", "reassign", "withdraw", "reopen"))
_STAFF = _READER | _grants(["incoming"], ["handling_form"]) | _WORKER
_POWERS_HELD = _grants(["delegation"], ["see_own"])
_POWERS_GIVEN = _POWERS_HELD | _grants(["delegation"], ["grant_own"])
_SETTLES_LEAVERS = _grants(["person"], ["hand_over"])

CLERK = "Văn thư"
ADMIN_HEAD = "Lãnh đạo Bộ phận Hành chính"
OFFICE_LEADER = "Lãnh đạo Văn phòng"
HEAD_OF_DEPARTMENT = "Trưởng phòng"
SPECIALIST = "Chuyên viên"
STANDING_COMMITTEE = "Thường trực Ủy ban"
ASSISTANT = "Nhân viên hành chính"
ARCHIVIST = "Lưu trữ"
MANAGER = "Quản lý"
IT_CENTRE = "Trung tâm Tin học"
OUTSIDE = "Đơn vị ngoài"

STARTING_ROLES: dict[str, frozenset[tuple[str, str]]] = {
    CLERK: _STAFF
    | _ROUTING
    | _POWERS_HELD
    | _REGISTRY
    | _CATALOGUE_READER
    | _grants(["organisation"], ["add", "edit"]),
    ADMIN_HEAD: _STAFF
    | _GIVER
    | _ROUTING
    | _grants(["handling"], ["reopen"])
    | _POWERS_GIVEN
    | _SETTLES_LEAVERS
    | _REGISTRY
    | _CATALOGUE_READER
    | _grants(["organisation", "register_book"], ["add", "edit"]),
    OFFICE_LEADER: _STAFF
    | _FOLLOWS
    | _GIVER
    | _LEADER
    | _POWERS_GIVEN
    | _SETTLES_LEAVERS
    | _grants(["person"], ["let_go"])
    | _EXPORTER,
    HEAD_OF_DEPARTMENT: _STAFF
    | _FOLLOWS
    | _GIVER
    | _grants(["handling"], ["decline"])  # what was presented to a head whose authority has ended meanwhile
    | _POWERS_GIVEN
    | _EXPORTER,
    SPECIALIST: _STAFF | _POWERS_GIVEN,
    STANDING_COMMITTEE: _STAFF | _FOLLOWS | _POWERS_GIVEN,
    ASSISTANT: _STAFF | _POWERS_HELD,
    ARCHIVIST: _STAFF
    | _POWERS_HELD
    | _EXPORTER
    | _CATALOGUE_READER
    | _grants(["work_field", "deadline_rule"], ["add", "edit"]),
    MANAGER: _STAFF | _FOLLOWS | _POWERS_HELD | _EXPORTER | _CATALOGUE_READER,
    IT_CENTRE: _STAFF
    | _POWERS_HELD
    | _grants(CATALOGUES, EDIT)
    | _grants(["calendar_day"], ["delete"])
    | _grants(ADMINISTRATION, EDIT)
    | _grants(["account"], ["unlock", "assign_password", "disable", "enable"])
    | _grants(["delegation"], ["revoke"]),
    OUTSIDE: _READER,
}
"""Role → pairs (noun, verb). Every verb of a move is granted to at least one role (house test)."""

ROLES_OF_POSTS: dict[PostKind, str] = {
    PostKind.CLERK: CLERK,
    PostKind.ADMIN_HEAD: ADMIN_HEAD,
    PostKind.OFFICE_LEADER: OFFICE_LEADER,
    PostKind.HEAD_OF_DEPARTMENT: HEAD_OF_DEPARTMENT,
    PostKind.SPECIALIST: SPECIALIST,
    PostKind.STANDING_COMMITTEE: STANDING_COMMITTEE,
    PostKind.ASSISTANT: ASSISTANT,
    PostKind.ARCHIVIST: ARCHIVIST,
    PostKind.MANAGER: MANAGER,
    PostKind.IT_CENTRE: IT_CENTRE,
    PostKind.OUTSIDE: OUTSIDE,
}
"""Which role a kind of post brings, to start with; the IT centre may change it."""

POST_KINDS: dict[PostKind, str] = {
    PostKind.CLERK: N_("Clerk"),
    PostKind.ADMIN_HEAD: N_("Head of the administrative section"),
    PostKind.OFFICE_LEADER: N_("Office leader"),
    PostKind.HEAD_OF_DEPARTMENT: N_("Head of department"),
    PostKind.SPECIALIST: N_("Specialist"),
    PostKind.STANDING_COMMITTEE: N_("Standing Committee"),
    PostKind.ASSISTANT: N_("Administrative staff"),
    PostKind.ARCHIVIST: N_("Archivist"),
    PostKind.MANAGER: N_("Manager"),
    PostKind.IT_CENTRE: N_("IT centre"),
    PostKind.OUTSIDE: N_("Outside unit"),
}

NOUNS: dict[str, str] = {
    "incoming": N_("Incoming documents"),
    "handling": N_("Settling of incoming documents"),
    "assignment": N_("Assignments"),
    "desk": N_("Work desk"),
    "notice": N_("My notices"),
    "api": N_("Interface for programs"),
    "organisation": N_("Organisations"),
    "document_type": N_("Document types"),
    "urgency_level": N_("Urgency levels"),
    "number_series": N_("Number series"),
    "register_book": N_("Register books"),
    "calendar_day": N_("Calendar of days off"),
    "work_field": N_("Fields of work"),
    "deadline_rule": N_("Prescribed terms"),
    "person": N_("People and posts"),
    "account": N_("Accounts"),
    "role": N_("Roles"),
    "delegation": N_("Delegations"),
    "setting": N_("Settings"),
    "console": N_("Technical console"),
}
VERBS: dict[str, str] = {
    "list": N_("see the list"),
    "show": N_("open"),
    "add": N_("add"),
    "edit": N_("change"),
    "delete": N_("delete"),
    "download": N_("download files"),
    "print": N_("print the arrival stamp and notices"),
    "handling_form": N_("print the handling form"),
    "export": N_("export lists"),
    "follow": N_("follow the work of others"),
    "use": N_("use"),
    "unlock": N_("unlock"),
    "assign_password": N_("give a new password"),
    "disable": N_("disable"),
    "enable": N_("enable"),
    "revoke": N_("revoke"),
    "see_own": N_("see those that one gave and was given"),
    "grant_own": N_("delegate the own work, say who stands in while away"),
    "hand_over": N_("hand over the work of who leaves"),
    "let_go": N_("let somebody go although things are open"),
}
"""Labels of the verbs that are no moves; moves bring their own."""


def incoming_relations(actor: Actor, unit_path: tuple[int, ...]) -> frozenset[Relation]:
    """What the actor is to an incoming document (or to a new one, with an empty ``unit_path``).

    ``unit_path`` holds the ids of the unit that keeps the document's register and of all units above it. A
    clerk or head of section acts on the registers of the own unit, of units below it, and of the one it
    belongs to (212/16.2.a).
    """
    if actor.is_system:
        return frozenset({Relation.SYSTEM})
    found = set()
    for post in actor.effective_posts:
        near = not unit_path or post.unit_id in unit_path or unit_path[0] in post.unit_path
        if post.ours and near:
            if post.kind == PostKind.CLERK:
                found.add(Relation.REGISTRY_CLERK)
            elif post.kind == PostKind.ADMIN_HEAD:
                found.add(Relation.REGISTRY_HEAD)
    return frozenset(found)
