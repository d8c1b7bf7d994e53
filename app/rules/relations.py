"""How two documents belong together, in words, seen from either side. Pure."""

from app.vocabulary import N_, LinkKind

FROM_HERE: dict[LinkKind, str] = {
    LinkKind.ANSWERS: N_("Answers"),
    LinkKind.FORWARDS: N_("Forwards"),
    LinkKind.REPLACES: N_("Replaces"),
    LinkKind.CORRECTS: N_("Corrects"),
    LinkKind.RECALLS: N_("Recalls"),
    LinkKind.PAPER_COPY_OF: N_("Is the paper copy of"),
    LinkKind.PART_OF: N_("Its files went to"),
}
"""The link begins at the document that is shown."""
TO_HERE: dict[LinkKind, str] = {
    LinkKind.ANSWERS: N_("Answered by"),
    LinkKind.FORWARDS: N_("Forwarded by"),
    LinkKind.REPLACES: N_("Replaced by"),
    LinkKind.CORRECTS: N_("Corrected by"),
    LinkKind.RECALLS: N_("Recalled by"),
    LinkKind.PAPER_COPY_OF: N_("Its paper copy"),
    LinkKind.PART_OF: N_("Files came from"),
}
"""The link ends at the document that is shown."""
WORKING_PAPER = N_("Paper of this matter")
"""A working paper: what an opinion or a direction brought along."""
DUPLICATE_OF = N_("Duplicate of")
HAS_DUPLICATE = N_("Registered once more as")
PERHAPS_DUPLICATE = N_("Perhaps a duplicate of")
"""Of a document that nobody has registered yet."""
