"""What the worker processes can be asked for: kind of task → function, imported by the worker alone.

A function takes a dictionary of JSON values and returns one. Whoever wires the program may add kinds of
its own: ``WorkerPool(config, TASKS | {"signature.validate": "package.module:function"})``.
"""

TASKS: dict[str, str] = {
    "pdf.inspect": "app.extraction.pdf:inspect_task",
    "pdf.text": "app.extraction.pdf:text_task",
}
