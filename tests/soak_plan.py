"""What the soak lives through: when it runs, and what the agency does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from spiders.demo.dress import Dress
from spiders.demo.faults import random_faults
from spiders.demo.newspaper import Newspaper
from spiders.demo.turmoil import Turmoil, random_history

START = datetime(2026, 1, 1, 6, tzinfo=UTC)
EVERY = timedelta(minutes=5)
TOGETHER = 48  # runs that a process makes: four hours of those of every five minutes


@dataclass(frozen=True, slots=True)
class Plan:
    """When it runs. `dense` days at three places have a run every five minutes, the rest one every `sparse`."""

    days: int
    dense: int
    sparse: timedelta
    seed: int = 1
    per_day: float = 8.0

    def __str__(self) -> str:
        if self.dense >= self.days:
            return f"{self.days} days, every 5 minutes"
        dense = "in the first, around the deploy and in the last"
        return (
            f"{self.days} days; every 5 minutes {dense} ({self.dense} days each), "
            f"else every {self.sparse // timedelta(minutes=1)} minutes"
        )

    @property
    def end(self) -> datetime:
        return START + timedelta(days=self.days)

    @property
    def deploy(self) -> datetime:
        """When the next release comes: in the middle."""
        return START + timedelta(days=self.days / 2)

    @property
    def redesign(self) -> datetime:
        """When the agency gets another layout."""
        return START + timedelta(days=self.days / 3)

    def month(self, at: datetime) -> int:
        """The twelfth of the time in which a moment lies, from 0."""
        return min(int(12 * (at - START) / (self.end - START)), 11)

    def batches(self) -> Iterator[list[datetime]]:
        """The times of all runs by the process that makes them; none of these spans the deploy or two months."""

        def process(run: tuple[int, datetime]) -> tuple[bool, int, int]:
            return run[1] >= self.deploy, self.month(run[1]), run[0] // TOGETHER

        for _, runs in groupby(enumerate(self.runs()), process):
            yield [at for _, at in runs]

    def runs(self) -> Iterator[datetime]:
        """The times of all runs."""
        at, span = START, timedelta(days=self.dense)
        while at < self.end:
            yield at
            near = (START + span, self.deploy + span / 2, self.end)
            dense = any(end - span <= at < end for end in near)
            at += EVERY if dense else self.sparse

    def paper(self) -> Newspaper:
        """The agency: its news and edits of the whole time, its outages, its redesign."""
        shape = Turmoil(
            start=START, days=self.days, per_day=self.per_day, backlog=40, backlog_days=6, changes=0.3, late=0.02
        )
        return Newspaper(
            random_history(self.seed, shape),
            dress=Dress("lenta_item", ("paragraphs",)),
            redesigns=((self.redesign, Dress("news_item", ("nested", "inner"))),),
            validators=True,
            faults=random_faults(self.seed, START, self.end, share=0.004, outages_per_day=0.15),
        )
