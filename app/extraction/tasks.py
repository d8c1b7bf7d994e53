"""What the worker processes can be asked for: kind of task → function, imported by the worker alone.

A function takes a dictionary of JSON values and returns one. Whoever wires the program may add kinds of
its own: ``WorkerPool(config, TASKS | {"image.text": "package.module:function"})``. A module is imported at the
first task that needs it, unless the configuration of the pool preloads it: not every worker meets a signature,
and the library that checks them is large.
"""

TASKS: dict[str, str] = {
    "pdf.inspect": "app.extraction.pdf:inspect_task",
    "pdf.text": "app.extraction.pdf:text_task",
    "letter.text": "app.extraction.reading:letter_task",
    "pdf.stamp": "app.extraction.stamping:stamp_task",
    "pdf.signatures": "app.extraction.signatures:signatures_task",
    "trust.read": "app.extraction.signatures:trust_task",
}
