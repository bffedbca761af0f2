"""What today's parsers read from an imported page, beside what was read when it was exported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from storage.db.schema import snapshots
from storage.warc.captures import REVISION_FACTS, revisions_from
from storage.warc.facts import Facts

# Where a revision stands among others is a matter of the archive; a digest differs only if what it is over does.
_STANDING: Final = frozenset({"number", "correction", "observed_at", "content_hash", "story_hash"})
_COMPARED: Final = (*(name for name in REVISION_FACTS if name not in _STANDING), "photos")
_SHOWN: Final = 60  # characters of a value
_BEFORE: Final = 20  # of them before the first difference
_SAME: Final = frozenset({"article", "unchanged"})  # whether a story was news depends on what was there before


@dataclass(frozen=True, slots=True)
class ReadingDifference:
    """One thing that is read otherwise now. `before` and `after` are shortened for people."""

    page: str
    field: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.page}: {self.field}: {self.before} before, {self.after} now"


def differences(connection: Connection, page: str, snapshot_id: int, told: Facts) -> Iterator[ReadingDifference]:
    """What is read otherwise from a snapshot than its file tells. `page` names it for people.

    Nothing for a page that was exported unread.
    """
    columns = snapshots.c.reading, snapshots.c.article_id
    row = connection.execute(select(*columns).where(snapshots.c.snapshot_id == snapshot_id)).one()
    was = _mark(told)
    if was is None:
        return
    if row.reading != was and not {row.reading, was} <= _SAME:
        yield ReadingDifference(page, "reading", was, str(row.reading))
    before = told.get("revisions")
    after = list(revisions_from(connection, row.article_id, snapshot_id))
    if isinstance(before, list) and before and isinstance(before[-1], dict) and after:
        for name, old, new in _otherwise(before[-1], after[-1]):
            if old != new:
                yield ReadingDifference(page, name, *_shown(old, new))


def _otherwise(before: Facts, after: Facts) -> Iterator[tuple[str, Any, Any]]:
    for name in _COMPARED:
        old, new = before.get(name), after[name]
        if name == "sources" and isinstance(old, dict):
            yield from ((f"sources.{one}", old.get(one), new.get(one)) for one in sorted({*old, *new}))
        elif name == "photos":
            yield name, old, _as_told(old, new)
        else:
            yield name, old, new


def _as_told(old: Any, new: list[Facts]) -> list[Facts]:  # noqa: ANN401 - any JSON
    """Photos as far as the file tells: older versions noted less of a photo."""
    told = {name for photo in old if isinstance(photo, dict) for name in photo} if isinstance(old, list) else set()
    return [{name: value for name, value in photo.items() if name in told} for photo in new] if told else new


def _mark(told: Facts) -> str | None:
    reading = told.get("reading")
    mark = reading.get("mark") if isinstance(reading, dict) else None
    return mark if isinstance(mark, str) else None


def _shown(old: Any, new: Any) -> tuple[str, str]:  # noqa: ANN401 - any JSON
    """Both values from shortly before the place where they part."""
    texts = [json.dumps(value, ensure_ascii=False) for value in (old, new)]
    parting = next((at for at, (one, other) in enumerate(zip(*texts, strict=False)) if one != other), 0)
    start = max(parting - _BEFORE, 0)
    return _cut(texts[0], start), _cut(texts[1], start)


def _cut(text: str, start: int) -> str:
    if len(text) <= _SHOWN:
        return text
    rest = text[start : start + _SHOWN]
    return ("..." if start else "") + rest + ("..." if start + _SHOWN < len(text) else "")
