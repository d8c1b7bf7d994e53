"""What machine it is and how fast it is at this moment: figures to hold the others against."""

import hashlib
import math
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

_BLOCK = b"van thu" * 1024
_CPU_SECONDS = 1.0


@dataclass
class Noise:
    """Processor time used by everything on the machine while something was measured, in cores."""

    busy: float = 0.0


@dataclass(frozen=True)
class Spread:
    """Several measurements of one thing, in milliseconds."""

    p50: float
    p95: float
    count: int

    def __str__(self) -> str:
        return f"{self.p50:.1f} / {self.p95:.1f}"


def spread(seconds: Sequence[float]) -> Spread:
    """Median and 95th percentile; no number where nothing was measured."""
    if not seconds:
        return Spread(math.nan, math.nan, 0)
    ordered = sorted(seconds)
    return Spread(statistics.median(ordered) * 1e3, ordered[int(0.95 * (len(ordered) - 1))] * 1e3, len(ordered))


def facts() -> list[tuple[str, str]]:
    """Processor, memory, versions; nothing that names the machine or a place on it."""
    info = Path("/proc/cpuinfo").read_text().splitlines()
    processor = next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), "unknown")
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1024**2
    return [
        ("Processor", f"{os.cpu_count()} × {processor}"),
        ("Memory", f"{memory:.0f} GiB"),
        ("System", f"{platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}"),
    ]


def _hashes(seconds: float) -> int:
    done, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        hashlib.sha256(_BLOCK).digest()
        sum(range(500))
        done += 1
    return done


def processor_speed(processes: int = 1) -> float:
    """Rounds a second of a fixed piece of work (hashing and adding), all processes together."""
    if processes == 1:
        return _hashes(_CPU_SECONDS) / _CPU_SECONDS
    with get_context("fork").Pool(processes) as pool:
        return sum(pool.map(_hashes, [_CPU_SECONDS] * processes)) / _CPU_SECONDS


def sync_time(folder: Path, count: int = 200) -> Spread:
    """What it costs to write 4 KiB and have them on the disk (fdatasync)."""
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(count):
            begun = time.perf_counter()
            os.pwrite(file.fileno(), b"x" * 4096, 0)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begun)
    return spread(times)


@contextmanager
def noise() -> Iterator[Noise]:
    """How busy the machine is meanwhile, whoever keeps it so."""
    told = Noise()
    before, begun = _busy(), time.monotonic()
    yield told
    told.busy = (_busy() - before) / (time.monotonic() - begun)


def idle_noise(seconds: float = 2.0) -> float:
    """Cores that others keep busy while nothing of ours runs."""
    with noise() as told:
        time.sleep(seconds)
    return told.busy


def _busy() -> float:
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return (sum(fields[:3]) + sum(fields[5:8])) / os.sysconf("SC_CLK_TCK")


def rate(work: Callable[[], Any], seconds: float) -> float:
    """How often a second something can be done, one after another."""
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        work()
        done += 1
    return done / (time.perf_counter() - begun)
