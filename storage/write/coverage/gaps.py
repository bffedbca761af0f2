"""Rows of the table `gaps`: what lies below a piece of a listing and was not walked.

A gap is *open* while a later crawl can still walk it. It is *lost* when the listing no longer reaches it; then its
row is sealed and stays as it is for ever, and what fills a part of it makes new rows of the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from crawler.dates import utc_text
from storage.db.schema import gaps

GapRow: TypeAlias = RowMapping

_LOSS_KEY: Final = int.from_bytes(b"DtLnLoss")
_KEPT: Final = ("crawl_id", "found_at", "lost_at", "reason")  # by a part of a gap


@dataclass(slots=True)
class Gaps:
    """The gaps of one listing, within one transaction. `touched` are the times between which any of them changed."""

    connection: Connection
    edition: str
    listing: str
    crawl_id: int | None
    now: datetime
    touched: list[tuple[str | None, str | None]] = field(default_factory=list)

    def unfilled(self) -> Sequence[GapRow]:
        """Every gap that is open or lost, as it was found."""
        ours = (gaps.c.edition == self.edition) & (gaps.c.listing == self.listing) & gaps.c.state.in_(("open", "lost"))
        return self.connection.execute(select(gaps).where(ours).order_by(gaps.c.gap_id)).mappings().all()

    def row(self, gap_id: int) -> GapRow:
        """One gap."""
        return self.connection.execute(select(gaps).where(gaps.c.gap_id == gap_id)).mappings().one()

    def add(self, values: Mapping[str, Any], part_of: int | None, reason: str | None) -> int:
        """A new gap, or another part of one: that was found, and lost, when the whole was. Returns its number."""
        row = {"edition": self.edition, "listing": self.listing, "crawl_id": self.crawl_id, **values}
        row["found_at"] = utc_text(self.now)
        whole = None if part_of is None else self.row(part_of)
        if whole is not None:
            row |= {name: whole[name] for name in _KEPT}
        if values["state"] == "lost":
            row |= self._loss(reason) if whole is None or whole["lost_at"] is None else {"loss_id": self._next_loss()}
        self.touch(row["from_time"], row["to_time"])
        found = self.connection.execute(insert(gaps).values(row)).inserted_primary_key
        return int(found[0]) if found else 0

    def change(self, row: GapRow, values: Mapping[str, Any], reason: str | None = None) -> None:
        """Gives a gap other neighbours, other times or another state."""
        if values.get("state") == "lost" != row["state"]:
            values = {**values, **self._loss(reason)}
        after = {**row, **values}
        if after == dict(row):
            return
        self.connection.execute(update(gaps).where(gaps.c.gap_id == row["gap_id"]).values(**values))
        if after["state"] != row["state"]:
            self.touch(after["from_time"], after["to_time"])
        for end in ("from_time", "to_time"):
            self.touch(*sorted((row[end], after[end]), key=lambda at: at or ""))

    def fill(self, row: GapRow) -> None:
        """A gap is no more. One that came and went within one crawl leaves nothing behind."""
        self.touch(row["from_time"], row["to_time"])
        this = gaps.c.gap_id == row["gap_id"]
        if row["state"] == "open" and row["crawl_id"] == self.crawl_id is not None:
            self.connection.execute(gaps.delete().where(this))
            return
        self.connection.execute(update(gaps).where(this).values(state="filled", filled_at=utc_text(self.now)))

    def touch(self, older: str | None, newer: str | None) -> None:
        """Remembers that something changed between two times."""
        if older is not None and newer is not None and older > newer:
            older, newer = newer, older  # a listing is only roughly in order of time
        if older != newer:
            self.touched.append((older, newer))

    def _loss(self, reason: str | None) -> dict[str, Any]:
        return {"lost_at": utc_text(self.now), "reason": reason, "loss_id": self._next_loss()}

    def _next_loss(self) -> int:
        if self.connection.dialect.name != "sqlite":  # a crawl of another edition may lose something meanwhile
            self.connection.execute(select(func.pg_advisory_xact_lock(_LOSS_KEY)))
        return int(self.connection.execute(select(func.coalesce(func.max(gaps.c.loss_id), 0))).scalar_one()) + 1
