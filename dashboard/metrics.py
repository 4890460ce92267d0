"""What this process has done, counted for those who run it: numbers alone, nothing of a visitor.

    count("compute_forecast_errors_total", where="page")
    with timed("compute_forecast_rerun_seconds", page="cost"): ...

`/metrics` writes them as Prometheus reads them (text exposition format 0.0.4); of several workers,
each number with the place of its worker.
"""

from __future__ import annotations

import re
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
#: Upper ends of the buckets of times, in seconds.
BUCKETS_S = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
#: What is counted and timed, each with what it means; other names are errors.
COUNTED = {
    "compute_forecast_http_requests_total": "Requests answered, by status.",
    "compute_forecast_errors_total": "Errors that no code of ours expected, by where.",
    "compute_forecast_api_refused_total": "Requests of the API refused or stopped, by status.",
}
TIMED = {
    "compute_forecast_rerun_seconds": "Runs of pages, by page.",
    "compute_forecast_forecast_seconds": "Forecasts that no cache held, by function.",
}
Labels = tuple[tuple[str, str], ...]
_SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")


class _Times:
    """How many took how long."""

    def __init__(self) -> None:
        self.buckets = [0] * (len(BUCKETS_S) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        self.buckets[bisect_left(BUCKETS_S, seconds)] += 1
        self.seconds += seconds


_lock = threading.Lock()
_counts: dict[tuple[str, Labels], int] = {}
_times: dict[tuple[str, Labels], _Times] = {}
_thread = threading.local()


def count(name: str, **labels: str) -> None:
    """One more of a name of COUNTED."""
    assert name in COUNTED
    key = (name, tuple(sorted(labels.items())))
    with _lock:
        _counts[key] = _counts.get(key, 0) + 1


@contextmanager
def timed(name: str, **labels: str) -> Iterator[None]:
    """The time of the work inside, also where it fails, under a name of TIMED; what of it is `idle`
    is left out.
    """
    assert name in TIMED
    begun = _busy_s()
    try:
        yield
    finally:
        key = (name, tuple(sorted(labels.items())))
        with _lock:
            _times.setdefault(key, _Times()).add(_busy_s() - begun)


@contextmanager
def idle() -> Iterator[None]:
    """Time of this thread that is spent waiting for a visitor: no work."""
    begun = time.perf_counter()
    try:
        yield
    finally:
        _thread.idle_s = _idle_s() + time.perf_counter() - begun


def _idle_s() -> float:
    idle_s: float = getattr(_thread, "idle_s", 0.0)
    return idle_s


def _busy_s() -> float:
    return time.perf_counter() - _idle_s()


def exposition(gauges: Mapping[str, tuple[str, float]]) -> str:
    """All of it as text.

    Parameters
    ----------
    gauges : mapping of str to (str, float)
        What stands at a number now, with its meaning, by name.
    """
    with _lock:
        counts = dict(_counts)
        times = {key: (list(each.buckets), each.seconds) for key, each in _times.items()}
    lines: list[str] = []
    for name, meaning in COUNTED.items():
        lines += _head(name, meaning, "counter")
        lines += [
            f"{name}{_braces(labels)} {value}"
            for (own, labels), value in sorted(counts.items())
            if own == name
        ]
    for name, meaning in TIMED.items():
        lines += _head(name, meaning, "histogram")
        for (own, labels), (buckets, seconds) in sorted(times.items()):
            if own == name:
                lines += _histogram(name, labels, buckets, seconds)
    return "\n".join(lines) + "\n" + gauge_text(gauges)


def gauge_text(gauges: Mapping[str, tuple[str, float]]) -> str:
    """Numbers as they stand now, each with its meaning, by name."""
    lines: list[str] = []
    for name, (meaning, number) in gauges.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        lines += [*_head(name, meaning, kind), f"{name} {number:.17g}"]
    return "".join(f"{line}\n" for line in lines)


def merged(texts: Mapping[str, str]) -> str:
    """The metrics of several processes as one text, each number with the label `worker`, so that a
    process that begins at zero lets no number of another fall.

    Parameters
    ----------
    texts : mapping of str to str
        What each process gives, by the place of its worker.
    """
    heads: dict[str, dict[str, str]] = {}
    samples: dict[str, list[str]] = {}
    for worker, text in texts.items():
        name = ""
        for line in text.splitlines():
            if line.startswith("#"):
                _, which, name, *_ = line.split(" ")
                # One line of each kind, though processes of two versions may differ in words.
                heads.setdefault(name, {}).setdefault(which, line)
            elif found := _SAMPLE.fullmatch(line):
                inside = ",".join(filter(None, (f'worker="{worker}"', found[2])))
                samples.setdefault(name, []).append(f"{found[1]}{{{inside}}} {found[3]}")
    return "".join(
        f"{line}\n"
        for name, head in heads.items()
        for line in (*head.values(), *samples.get(name, ()))
    )


def _head(name: str, meaning: str, kind: str) -> list[str]:
    return [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]


def _histogram(name: str, labels: Labels, buckets: list[int], seconds: float) -> list[str]:
    lines, total = [], 0
    for end, number in zip((*map(str, BUCKETS_S), "+Inf"), buckets, strict=True):
        total += number
        lines.append(f"{name}_bucket{_braces((*labels, ('le', end)))} {total}")
    return [
        *lines,
        f"{name}_sum{_braces(labels)} {seconds:.6f}",
        f"{name}_count{_braces(labels)} {total}",
    ]


def _braces(labels: Labels) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
    return f"{{{inside}}}" if inside else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
