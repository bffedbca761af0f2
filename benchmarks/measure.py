"""Times that can be compared on a machine that does other things too.

What is to be compared is timed in turns, A B A B, and what is quoted is the median of the ratios of neighbours: when
the machine is slow for a while, it is so for both.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Task = Callable[[], object]
Seconds = Mapping[str, Sequence[float]]


def seconds(task: Task) -> float:
    """What one call takes."""
    begun = time.perf_counter()
    task()
    return time.perf_counter() - begun


def processor_seconds(task: Task) -> float:
    """What one call takes of this thread's processor time: others on the machine hardly change that."""
    begun = time.thread_time()
    task()
    return time.thread_time() - begun


@dataclass(frozen=True, slots=True)
class Spent:
    """What something took by the clock, and of the processors' time in this process and those that it started."""

    wall: float
    processors: float


def spent(task: Task) -> Spent:
    """What one call takes, together with the processes that it starts and waits for."""
    begun, before = time.perf_counter(), _processors()
    task()
    return Spent(time.perf_counter() - begun, _processors() - before)


def _processors() -> float:
    usages = (resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def in_turns(rounds: int, tasks: Mapping[str, Task]) -> Seconds:
    """Seconds of each task in each round, the tasks one after another in every round, from one round on another task
    first. Warm them up before, if cold is not what is meant.
    """
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    names = list(tasks)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            taken[name].append(seconds(tasks[name]))
    return taken


def ratio(taken: Seconds, of: str, to: str) -> float:
    """The median, over the rounds, of what one task took for each second of the other."""
    return median(one / other for one, other in zip(taken[of], taken[to], strict=True))
