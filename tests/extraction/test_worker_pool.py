"""The pool of worker processes survives whatever its tasks do, and its callers always get an answer."""

import errno
import inspect
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from app.extraction.pool import FailureReason, WorkerConfig, WorkerFailed, WorkerPool

sys.path.insert(0, str(Path(__file__).parent))  # the workers look tasks up by the name of a module on this path

import hostile_worker_tasks

ROOT = Path(__file__).resolve().parents[2]
TASKS = {
    name: f"hostile_worker_tasks:{name}"
    for name, task in vars(hostile_worker_tasks).items()
    if inspect.isfunction(task) and not name.startswith("_")
}
QUICK = WorkerConfig(size=1, memory=512 * 1024**2, preload=(), wait_seconds=20, max_reply=100_000)


@pytest.fixture
def make_pool():
    pools = []

    def make(**changes):
        pool = WorkerPool(replace(QUICK, **changes), TASKS)
        pools.append(pool)
        return pool

    yield make
    for pool in pools:
        pool.close()


@pytest.fixture
def pool(make_pool):
    return make_pool()


def failure(pool, kind, arguments=None, timeout=None) -> WorkerFailed:
    with pytest.raises(WorkerFailed) as raised:
        pool.run(kind, arguments or {}, timeout=timeout)
    return raised.value


def assert_goes_on(pool):
    assert pool.run("echo", {"text": "Tiếng Việt"})["text"] == "Tiếng Việt"


def gone(pid: int, within: float = 5) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_one_worker_serves_many_tasks(pool):
    assert len({pool.run("echo", {})["pid"] for _ in range(20)}) == 1


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("crash", FailureReason.DIED),
        ("leave", FailureReason.DIED),
        ("eat_memory", FailureReason.MEMORY),
        ("fail", FailureReason.ERROR),
        ("raise_exit", FailureReason.ERROR),
        ("answer_no_object", FailureReason.PROTOCOL),
        ("forge", FailureReason.PROTOCOL),
    ],
)
def test_a_task_that_breaks_its_worker_is_reported_and_the_next_one_runs(pool, kind, reason):
    assert failure(pool, kind).reason is reason
    assert_goes_on(pool)


@pytest.mark.parametrize("kind", ["sleep", "spin", "hold_the_interpreter"])
def test_a_task_that_does_not_end_is_ended_by_the_clock(pool, kind):
    pool.warm()
    started = time.monotonic()
    assert failure(pool, kind, {"seconds": 60}, timeout=0.4).reason is FailureReason.TIMEOUT
    assert time.monotonic() - started < 3
    assert_goes_on(pool)


def test_a_task_that_burns_processor_time_is_ended_by_the_kernel(make_pool):
    pool = make_pool(cpu_seconds=0)
    assert failure(pool, "spin", timeout=20).reason is FailureReason.TIMEOUT
    assert_goes_on(pool)


def test_processor_time_is_counted_for_each_task_anew(make_pool):
    pool = make_pool(cpu_seconds=1)
    assert len({pool.run("burn", {"seconds": 0.7})["pid"] for _ in range(4)}) == 1


def test_what_a_library_prints_does_not_reach_the_answer(pool):
    assert pool.run("babble", {}) == {"done": True}
    assert_goes_on(pool)


def test_an_answer_beyond_the_limit_is_refused_by_the_worker_itself(pool):
    assert failure(pool, "long_answer", {"length": 200_000}).reason is FailureReason.TOO_LARGE
    assert len(pool.run("long_answer", {"length": 90_000})["text"]) == 90_000


def test_a_worker_has_given_up_what_it_does_not_need(make_pool, tmp_path):
    pool = make_pool(niceness=7)
    network = pool.warm()
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = pool.run("rights", {"path": str(tmp_path / "x"), "port": server.getsockname()[1]})
    assert found["write"] == errno.EFBIG
    assert found["open_many"] == errno.EMFILE
    assert set(found["environment"]) <= {"LANG", "LC_CTYPE", "LD_LIBRARY_PATH"}
    assert found["nice"] >= 7
    assert (found["connect"] is None) == (network == "shared")
    assert found["app"] is None
    assert found["loaded"] == []
    assert_goes_on(pool)  # although the task left no file descriptor free


def test_a_worker_is_replaced_after_its_number_of_tasks(make_pool):
    pool = make_pool(tasks_per_worker=3)
    pids = [pool.run("echo", {})["pid"] for _ in range(7)]
    assert pids[0] == pids[1] == pids[2] != pids[3] == pids[4] == pids[5] != pids[6]
    assert gone(pids[0])


def test_a_worker_that_grew_is_replaced(make_pool):
    pool = make_pool(recycle_above=100 * 1024**2)
    pid = pool.run("grow", {"size": 150 * 1024**2})["pid"]
    assert pool.run("echo", {})["pid"] != pid


def test_a_worker_killed_while_idle_disappoints_nobody(pool):
    pid = pool.run("echo", {})["pid"]
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    assert pool.run("echo", {})["pid"] != pid


def test_a_worker_with_nothing_to_do_ends_and_the_next_task_finds_another(make_pool):
    pool = make_pool(idle_seconds=0.2)
    first = pool.run("echo", {})["pid"]
    assert pool.run("echo", {})["pid"] == first
    deadline = time.monotonic() + 20
    while psutil.pid_exists(first) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(first)
    assert pool.run("echo", {})["pid"] != first


def test_many_threads_share_few_workers(make_pool):
    pool = make_pool(size=2)
    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda n: pool.run("echo", {"n": n}), range(100)))
    assert [a["n"] for a in answers] == list(range(100))
    assert len({a["pid"] for a in answers}) <= 2


def test_many_threads_with_dying_workers_all_get_their_own_answer(make_pool):
    pool = make_pool(size=2)

    def run(n):
        if n % 5 == 0:
            return failure(pool, "leave").reason
        return pool.run("echo", {"n": n})["n"]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(run, range(30)))
    assert answers == [FailureReason.DIED if n % 5 == 0 else n for n in range(30)]


def test_a_caller_does_not_wait_for_ever_for_a_free_worker(make_pool):
    pool = make_pool(wait_seconds=0.2)
    pool.warm()
    with ThreadPoolExecutor(1) as thread:
        slow = thread.submit(pool.run, "sleep", {"seconds": 1.0})
        time.sleep(0.1)
        assert failure(pool, "echo").reason is FailureReason.BUSY
        slow.result()
    assert_goes_on(pool)


def test_a_worker_started_by_a_short_lived_thread_lives_on(pool):
    pids = []
    thread = threading.Thread(target=lambda: pids.append(pool.run("echo", {})["pid"]))
    thread.start()
    thread.join()
    time.sleep(0.1)
    assert pool.run("echo", {})["pid"] == pids[0]


def test_closing_ends_idle_and_busy_workers_and_all_callers_hear_of_it(make_pool):
    pool = make_pool(size=2)
    pid = pool.run("echo", {})["pid"]
    with ThreadPoolExecutor(1) as thread:
        busy = thread.submit(failure, pool, "sleep", {"seconds": 60})
        time.sleep(0.2)
        pool.close()
        assert busy.result(5).reason is FailureReason.CLOSED
    assert gone(pid)
    assert failure(pool, "echo").reason is FailureReason.CLOSED


def test_a_worker_that_cannot_start_is_reported(make_pool):
    pool = make_pool(preload=("no_such_module_anywhere",))
    assert failure(pool, "echo").reason is FailureReason.START
    assert failure(pool, "echo").reason is FailureReason.START


def test_an_unknown_kind_is_an_error_of_the_caller(pool):
    with pytest.raises(ValueError, match="no such kind"):
        pool.run("os:system", {})
    with pytest.raises(ValueError, match="path instead"):
        pool.run("echo", {"content": "x" * 100_000})


PARENT = """
import os, sys, threading, time
sys.path[:0] = sys.argv[1:3]
from app.extraction.pool import WorkerConfig, WorkerPool
tasks = {kind: "hostile_worker_tasks:" + kind for kind in ("echo", "spin")}
pool = WorkerPool(WorkerConfig(size=1, preload=()), tasks)
"""

DIES = (
    PARENT
    + """
print(pool.run("echo", {})["pid"], flush=True)
threading.Thread(target=pool.run, args=("spin", {}), daemon=True).start()
time.sleep(60)
"""
)

ENDS = (
    PARENT
    + """
print(pool.run("echo", {})["pid"], flush=True)
"""
)

FORKS = (
    PARENT
    + """
before = pool.run("echo", {})["pid"]
child = os.fork()
if child == 0:
    mine = pool.run("echo", {})["pid"]
    again = pool.run("echo", {})["pid"]
    pool.close()
    os._exit(0 if mine == again != before else 1)
_, status = os.waitpid(child, 0)
print(os.waitstatus_to_exitcode(status), pool.run("echo", {})["pid"] == before, flush=True)
"""
)


def program(code: str) -> subprocess.Popen:
    here = str(Path(__file__).parent)
    return subprocess.Popen([sys.executable, "-c", code, str(ROOT), here], stdout=subprocess.PIPE, text=True)


def test_workers_die_with_a_killed_parent_even_in_the_middle_of_a_task():
    with program(DIES) as parent:
        pid = int(parent.stdout.readline())
        time.sleep(0.2)
        parent.kill()
    assert gone(pid)


def test_workers_end_with_a_parent_that_ends():
    with program(ENDS) as parent:
        pid = int(parent.stdout.readline())
        assert parent.wait(10) == 0
    assert gone(pid)


def test_a_forked_process_starts_workers_of_its_own_and_leaves_those_of_its_parent_alone():
    with program(FORKS) as parent:
        assert parent.stdout.read() == "0 True\n"
        assert parent.wait(10) == 0
