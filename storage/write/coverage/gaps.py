"""The gaps of a listing, kept true in the transaction of each listing page: rows of the table `gaps`.

Under each live interval (storage/write/walks.py) stand the gaps between it and the next one below, or its goal:
one, or several where pieces of the listing were seen in between without being joined to anything. A gap is *open* while
a later crawl can still walk it. It is *lost* when the listing no longer reaches it; then its row is sealed and stays as
it is for ever, and what fills a part of it makes new rows of the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, update

from crawler.dates import utc_text
from crawler.listing.coverage import day_start
from crawler.listing.steps import Apart
from storage.db.schema import articles, gaps, walks
from storage.write.coverage.intervals import goal_of
from storage.write.coverage.moments import moments

DELETED: Final = 2  # entries at the bottom of an interval that may have been deleted meanwhile
_FEW: Final = 1000  # of its oldest entries are looked at
_LOSS_KEY: Final = int.from_bytes(b"DtLnLoss")


@dataclass(slots=True)
class Gaps:
    """The gaps of one edition's listing, within one transaction. `touched` are the times between which any changed."""

    connection: Connection
    edition: str
    crawl_id: int | None
    zone: ZoneInfo
    now: datetime
    touched: list[tuple[str | None, str | None]] = field(default_factory=list)

    # --- what the walk does

    def show(self, keys: Sequence[str]) -> bool:
        """A page shows entries that follow on each other, newest first: what lay between them is filled. Returns
        whether that concerned any gap.
        """
        rows = self.unfilled() if keys else ()
        return bool(rows) and self._fill_in(rows, keys)

    def follow(self, walk: RowMapping) -> Sequence[int]:
        """The interval has grown: what it passed is filled, and below its bottom it is still open. Returns intervals
        that it has passed without joining them.
        """
        rows = self.below(walk["walk_id"])
        ours = self._members(rows, walk["walk_id"])
        for row in rows:
            if row["older_key"] in ours:
                self.fill(row)
            elif row["newer_key"] in ours and row["newer_key"] != walk["bottom_key"] and walk["bottom_key"]:
                self._reword(row, newer_key=walk["bottom_key"])
        passed = self._adopt(walk)
        rows = self.below(walk["walk_id"])
        if walk["complete"]:
            self._reach_goal(walk, rows)
        if not rows and (not walk["complete"] or self._next_below(walk) is not None):
            self.open(walk)
        elif not walk["complete"]:
            self._aim(walk, rows)
        return passed

    def _adopt(self, walk: RowMapping) -> Sequence[int]:
        """A gap that now begins at the interval's bottom was found under another one, which it has passed."""
        same = (gaps.c.edition == self.edition) & (gaps.c.newer_key == walk["bottom_key"])
        others = gaps.c.walk_id.is_not(None) & (gaps.c.walk_id != walk["walk_id"]) & (gaps.c.state != "filled")
        found = set(self.connection.execute(select(gaps.c.walk_id).where(same, others)).scalars())
        under = gaps.c.walk_id.in_(found) & (gaps.c.state != "filled")
        self.connection.execute(update(gaps).where(under).values(walk_id=walk["walk_id"]))
        return sorted(found)

    def join(self, upper: RowMapping, lower: RowMapping, root: int) -> list[int]:
        """Two intervals became one: all between them is covered. Returns the intervals that stood there."""
        for row in self.below(upper["walk_id"]):
            self.fill(row)
        between = [walk_id for walk_id in self._heads() if lower["walk_id"] < walk_id < upper["walk_id"]]
        for walk_id in between:
            for row in self.below(walk_id):
                self.fill(row)
        own = (gaps.c.walk_id == lower["walk_id"]) & (gaps.c.state != "filled")
        self.connection.execute(update(gaps).where(own).values(walk_id=root))
        return between

    def lose(self, walk: RowMapping, reason: str, *, end_key: str) -> list[RowMapping]:
        """The listing ends above the interval's bottom gap: what is open there, and under all intervals further down,
        is out of its reach; returns it. What was lost before stays so.

        An end a few entries above the interval's own bottom is no listing that rolls: these were deleted.
        """
        lost = [row for row in self.unfilled() if row["state"] == "open" and self._is_under(row, walk)]
        if not self._dropped(walk, end_key):
            lost = [row for row in lost if row["walk_id"] != walk["walk_id"] or row["older_key"] is not None]
        for row in lost:
            self._change(row, state="lost", lost_at=utc_text(self.now), loss_id=self._next_loss(), reason=reason)
        return [self._row(row["gap_id"]) for row in lost]

    def _dropped(self, walk: RowMapping, end_key: str) -> bool:
        """Whether the listing lost several entries of the interval's bottom: a rolling one drops them all."""
        below = select(articles.c.key).where(articles.c.walk_id == walk["walk_id"]).order_by(articles.c.day).limit(_FEW)
        keys = list(self.connection.execute(below).scalars())
        known = moments(self.connection, self.edition, [*keys, end_key], self.zone)
        end = known.get(end_key)
        return end is None or sum(known.get(key, "9") < end for key in keys) > DELETED

    def _is_under(self, row: RowMapping, walk: RowMapping) -> bool:
        """Whether a gap lies below the interval's bottom: by the interval above the gap, else by its times."""
        if row["walk_id"] == walk["walk_id"]:
            return True
        if row["walk_id"] in self._heads() and row["walk_id"] < walk["walk_id"]:
            return True
        keys = [walk["bottom_key"]] if walk["bottom_key"] else []
        bottom = moments(self.connection, self.edition, keys, self.zone).get(walk["bottom_key"] or "")
        return bool(bottom and row["to_time"]) and row["to_time"] <= bottom

    def keep_apart(self, walk: RowMapping, apart: Apart) -> None:
        """A piece of the listing was seen below the interval, and touches no gap: no gap reaches over it."""
        rows = self.below(walk["walk_id"])
        piece = [entry.key for entry in takewhile(lambda entry: entry.interval is None, apart.entries)]
        if piece:
            row = self._row_around(piece[0], piece[-1]) or (self._row_above(walk, rows, apart.below) if rows else None)
            if row is not None:
                self._split(row, piece[0], piece[-1])
        last, others = apart.entries[-1], [entry.interval for entry in apart.entries if entry.interval is not None]
        if others and last.interval is None:
            self._lower_under(others[-1], last.key)

    def fill_from(self, keys: Sequence[str]) -> None:
        """A piece of the listing, newest entry first, came from elsewhere: from an import or another listing."""
        if keys and not self.show(keys) and (row := self._row_around(keys[0], keys[-1])) is not None:
            self._split(row, keys[0], keys[-1])

    def _row_around(self, top_key: str, bottom_key: str) -> RowMapping | None:
        """The gap in which a piece lies by its times; None where these are not known, or it lies in none."""
        known = moments(self.connection, self.edition, [top_key, bottom_key], self.zone)
        top, bottom = known.get(top_key, ""), known.get(bottom_key, "9")
        rows = self.unfilled() if bottom <= top else ()
        return next((row for row in rows if (row["from_time"] or "") < bottom and top < (row["to_time"] or "9")), None)

    def _fill_in(self, rows: Sequence[RowMapping], keys: Sequence[str]) -> bool:
        """Fills what a piece shows of gaps whose neighbours it holds. Returns whether it held any."""
        place = {key: number for number, key in enumerate(keys)}
        older = {row["gap_id"] for row in rows if row["older_key"] in place and self._goes_on(keys, place, row)}
        met = [row for row in rows if row["newer_key"] in place or row["gap_id"] in older]
        for row in met:
            if row["newer_key"] in place and row["gap_id"] in older:
                self.fill(row)
            elif row["newer_key"] in place and row["newer_key"] != keys[-1]:
                self._lower(row, self._above_others(keys, place[row["newer_key"]]))
            elif row["gap_id"] in older and row["older_key"] != keys[0]:
                self._reword(row, older_key=keys[0])
        return bool(met)

    def _lower_under(self, walk_id: int, newer_key: str) -> None:
        """The page goes on below what the interval holds of it: down to there the gap under its bottom is filled."""
        bottom = self.connection.execute(select(walks.c.bottom_key).where(walks.c.walk_id == walk_id)).scalar()
        for row in self.below(walk_id):
            if row["newer_key"] == bottom:
                self._lower(row, newer_key)

    def _lower(self, row: RowMapping, newer_key: str) -> None:
        if newer_key != row["newer_key"]:
            self._reword(row, newer_key=newer_key)

    def _goes_on(self, keys: Sequence[str], place: Mapping[str, int], row: RowMapping) -> bool:
        """Whether older coverage goes on below its newest entry: that one alone may have been moved up."""
        at = place[row["older_key"]]
        if at + 1 == len(keys):
            return False
        one, two = (self._interval(key) for key in keys[at : at + 2])
        return one is None or one == two

    def _above_others(self, keys: Sequence[str], at: int) -> str:
        """The last of the keys from a place on before one that an interval holds: it alone proves nothing."""
        after = list(takewhile(lambda key: self._interval(key) is None, keys[at + 1 :]))
        return after[-1] if after else keys[at]

    def _interval(self, key: str) -> int | None:
        this = (articles.c.edition == self.edition) & (articles.c.key == key)
        return self.connection.execute(select(articles.c.walk_id).where(this)).scalar()

    # --- rows

    def below(self, walk_id: int) -> Sequence[RowMapping]:
        """The gaps under an interval that are not filled, oldest row first."""
        ours = (gaps.c.walk_id == walk_id) & (gaps.c.state != "filled")
        return self.connection.execute(select(gaps).where(ours).order_by(gaps.c.gap_id)).mappings().all()

    def date_again(self, rows: Iterable[RowMapping]) -> None:
        """Tells rows the times of their neighbours, as far as these are known by now."""
        for row in rows:
            known = self._times(row["older_key"], row["newer_key"], row["from_time"])
            values = {name: at or row[name] for name, at in known.items()}  # what was known once stays
            if values != {"from_time": row["from_time"], "to_time": row["to_time"]}:
                self._change(row, **values)

    def unfilled(self) -> Sequence[RowMapping]:
        """Every gap of the edition that is open or lost, as it was found."""
        ours = (gaps.c.edition == self.edition) & gaps.c.state.in_(("open", "lost"))
        return self.connection.execute(select(gaps).where(ours).order_by(gaps.c.gap_id)).mappings().all()

    def open(self, walk: RowMapping) -> None:
        """Below the interval nothing is known down to the next one, or to its goal."""
        if walk["kind"] == "window" and self._open_within(walk):
            return
        lower = self._next_below(walk)
        older_key = None if lower is None else lower["top_key"]
        goal = self._goal(walk) if older_key is None else None
        newer_key = walk["bottom_key"] or walk["top_key"]
        self._add(walk_id=walk["walk_id"], older_key=older_key, newer_key=newer_key, from_time=goal)

    def _open_within(self, walk: RowMapping) -> bool:
        """A window may begin in the midst of a gap: then that one ends above it, and goes on below."""
        top_key, bottom_key = walk["top_key"], walk["bottom_key"] or walk["top_key"]
        top = moments(self.connection, self.edition, [top_key], self.zone).get(top_key)
        for row in self.unfilled() if top else ():
            if (row["from_time"] or "") <= str(top) <= (row["to_time"] or "9"):
                self._again({**_plain(row), "walk_id": walk["walk_id"]}, row["older_key"], bottom_key)
                self._reword(row, older_key=top_key)
                return True
        return False

    def _aim(self, walk: RowMapping, rows: Sequence[RowMapping]) -> None:
        """A deeper goal makes the lowest gap reach deeper."""
        goal = self._goal(walk)
        for row in rows:
            deeper = row["from_time"] is not None and (goal is None or goal < row["from_time"])
            if row["older_key"] is None and row["state"] == "open" and deeper:
                self._change(row, from_time=goal)

    def _reach_goal(self, walk: RowMapping, rows: Sequence[RowMapping]) -> None:
        """Down to a goal all is walked, and below the end of the listing there is nothing to walk."""
        goal = self._goal(walk)
        for row in rows:
            deeper = goal is not None and row["from_time"] is not None and row["from_time"] < goal
            ended = walk["ended"] == "end"
            if row["older_key"] is None and row["state"] == "open" and (ended or not deeper):
                self.fill(row)

    def fill(self, row: RowMapping) -> None:
        """A gap is no more."""
        self._touch(row["from_time"], row["to_time"])
        this = gaps.c.gap_id == row["gap_id"]
        if row["state"] == "open" and row["crawl_id"] == self.crawl_id is not None:
            self.connection.execute(gaps.delete().where(this))  # it came and went within one crawl
            return
        self.connection.execute(update(gaps).where(this).values(state="filled", filled_at=utc_text(self.now)))

    def _reword(self, row: RowMapping, **keys: str) -> None:
        """Gives a gap another neighbour. A lost one keeps its row, which is sealed: the rest of it is a new one."""
        after = {**_plain(row), **keys}
        times = self._times(after["older_key"], after["newer_key"], row["from_time"])
        if row["state"] == "open":
            self._change(row, **keys, **times)
            return
        self.fill(row)
        self._again(_plain(row), after["older_key"], after["newer_key"])

    def _split(self, row: RowMapping, top_key: str, bottom_key: str) -> None:
        self._again(_plain(row), row["older_key"], bottom_key)
        self._reword(row, older_key=top_key)

    def _again(self, row: Mapping[str, Any], older_key: str | None, newer_key: str | None) -> None:
        """A row for a part of a gap, found when the whole was."""
        copied = {name: row[name] for name in ("walk_id", "crawl_id", "state", "found_at", "lost_at", "reason")}
        loss = {"loss_id": self._next_loss()} if row["state"] == "lost" else {}
        self._add(**copied, **loss, older_key=older_key, newer_key=newer_key, from_time=row["from_time"])

    def _add(self, **values: Any) -> None:  # noqa: ANN401 - columns of the table
        times = self._times(values["older_key"], values["newer_key"], values.get("from_time"))
        row = {"state": "open", "crawl_id": self.crawl_id, "found_at": utc_text(self.now), **values, **times}
        self.connection.execute(insert(gaps).values(edition=self.edition, **row))
        self._touch(times["from_time"], times["to_time"])

    def _change(self, row: RowMapping, **values: Any) -> None:  # noqa: ANN401 - columns of the table
        self.connection.execute(update(gaps).where(gaps.c.gap_id == row["gap_id"]).values(values))
        after = {**_plain(row), **values}
        if after["state"] != row["state"]:
            self._touch(after["from_time"], after["to_time"])
        for end in ("from_time", "to_time"):
            self._touch(*sorted((row[end], after[end]), key=lambda at: at or ""))

    def _touch(self, older: str | None, newer: str | None) -> None:
        if older is not None and newer is not None and older > newer:
            older, newer = newer, older  # a listing is only roughly in order of time
        if older != newer:
            self.touched.append((older, newer))

    def _row(self, gap_id: int) -> RowMapping:
        return self.connection.execute(select(gaps).where(gaps.c.gap_id == gap_id)).mappings().one()

    # --- facts

    def _times(self, older_key: str | None, newer_key: str | None, goal: str | None) -> dict[str, str | None]:
        known = moments(self.connection, self.edition, [key for key in (older_key, newer_key) if key], self.zone)
        older = goal if older_key is None else known.get(older_key)
        return {"from_time": older, "to_time": known.get(newer_key or "")}

    def _goal(self, walk: RowMapping) -> str | None:
        """The first moment of the goal's day; None for the beginning of the listing."""
        goal = goal_of(walk)
        return None if goal is None else utc_text(day_start(goal, self.zone))

    def _members(self, rows: Iterable[RowMapping], walk_id: int) -> set[str]:
        keys = {key for row in rows for key in (row["older_key"], row["newer_key"]) if key}
        ours = (articles.c.edition == self.edition) & articles.c.key.in_(keys) & (articles.c.walk_id == walk_id)
        return set(self.connection.execute(select(articles.c.key).where(ours)).scalars()) if keys else set()

    def _heads(self) -> list[int]:
        return list(self.connection.execute(select(walks.c.walk_id).where(self._live_head())).scalars())

    def _live_head(self) -> ColumnElement[bool]:
        """The intervals that were walked from the top and stand for themselves."""
        return (walks.c.edition == self.edition) & walks.c.merged_into.is_(None) & (walks.c.kind == "head")

    def _next_below(self, walk: RowMapping) -> RowMapping | None:
        """The interval on which this one will come when it is walked on: the newest one from the top that is older."""
        if walk["kind"] != "head":
            return None
        older = (
            select(walks).where(self._live_head(), walks.c.walk_id < walk["walk_id"]).order_by(walks.c.walk_id.desc())
        )
        return self.connection.execute(older.limit(1)).mappings().first()

    def _next_loss(self) -> int:
        if self.connection.dialect.name != "sqlite":  # a crawl of another edition may lose something meanwhile
            self.connection.execute(select(func.pg_advisory_xact_lock(_LOSS_KEY)))
        return int(self.connection.execute(select(func.coalesce(func.max(gaps.c.loss_id), 0))).scalar_one()) + 1

    def _row_above(self, walk: RowMapping, rows: Sequence[RowMapping], below: str | None) -> RowMapping:
        """The gap in which a piece stands: the one above a piece that was met further down, else the lowest."""
        lower = self._next_below(walk)
        lowest = {None, None if lower is None else lower["top_key"]}
        found = next((row for row in rows if below is not None and row["older_key"] == below), None)
        return found or next((row for row in rows if row["older_key"] in lowest), rows[-1])


def _plain(row: RowMapping) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}
