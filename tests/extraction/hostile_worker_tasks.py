"""Tasks that misbehave, run inside worker processes by the tests of the pool."""

import os
import signal
import socket
import sys
import time
from pathlib import Path


def echo(arguments):
    return {"pid": os.getpid(), **arguments}


def sleep(arguments):
    time.sleep(arguments["seconds"])
    return {}


def spin(arguments):
    while True:
        pass


def burn(arguments):
    until = time.process_time() + arguments["seconds"]
    while time.process_time() < until:
        pass
    return {"pid": os.getpid()}


def hold_the_interpreter(arguments):
    # One call into C that never comes back to the interpreter: no signal handler, no thread could stop it.
    return {"n": len(str(7 ** (10**8)))}


def eat_memory(arguments):
    kept = []
    while True:
        kept.append(bytearray(16 * 1024 * 1024))


def grow(arguments):
    return {"pid": os.getpid(), "size": len(bytearray(arguments["size"]))}


def crash(arguments):
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(arguments):
    os._exit(3)


def raise_exit(arguments):
    sys.exit(1)


def fail(arguments):
    raise ValueError("not like this")


def babble(arguments):
    sys.stdout.write("nonsense " * 1000)
    sys.stdout.flush()
    sys.stderr.write("more nonsense")
    os.write(1, b"raw nonsense")
    return {"done": True}


def forge(arguments):
    # What a taken-over worker could send: an announced length far beyond any answer.
    for fd in range(3, 20):
        try:
            os.write(fd, b"\xff\xff\xff\xff")
        except OSError:
            continue
    time.sleep(30)


def answer_no_object(arguments):
    return ["a", "list"]


def long_answer(arguments):
    return {"text": "x" * arguments["length"]}


def _attempt(act):
    try:
        act()
    except OSError as error:
        return error.errno or str(error)
    return None


def rights(arguments):
    def write_file():
        with Path(arguments["path"]).open("wb") as file:
            file.write(b"x")

    def open_many():
        while True:
            os.open(os.devnull, os.O_RDONLY)

    def connect():
        socket.create_connection(("127.0.0.1", arguments["port"]), timeout=2).close()

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    return {
        "write": _attempt(write_file),
        "connect": _attempt(connect),
        "open_many": _attempt(open_many),
        "environment": sorted(os.environ),
        "nice": os.nice(0),
        "app": getattr(sys.modules["app"], "__file__", None),
        "loaded": sorted(
            {name.partition(".")[0] for name in sys.modules} & {"flask", "sqlalchemy", "flask_appbuilder"}
        ),
    }
