"""Changes of a site's template, in words: what was found to be the site's doing
(storage/write/articles/template_changes.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Final

from crawler.dates import from_utc_text
from crawler.matching.hunks import Hunk, change_between
from crawler.monitors.catalogue import DRESS_FOR
from crawler.monitors.health import TemplateChange
from storage.read.articles.versions import versions
from storage.read.reader import Reader, Row
from storage.terminal.moments import stamp

_SHOWN: Final = 80  # characters of what went and came
_LISTED: Final = 5  # changes: a new layout of a site may have dozens

_WHAT: Final = {
    "headline": "headlines",
    "lead": "leads",
    "body": "paragraphs",
    "author": "bylines",
    "tags": "tags",
    "photos": "photos",
    "published_at": "times of publication",
}


def dresses(reader: Reader, edition: str, now: datetime) -> Iterator[TemplateChange]:
    """The changes that an edition's site made to all pages within the last days, those in most articles first.

    Of a change that is known by its line and by its words one is told.
    """
    told: set[tuple[int, int]] = set()
    for row in reader.rows(_RECENT, edition=edition, since=stamp(now - DRESS_FOR)):
        place = row["revision_id"], row["place"]
        if place not in told and len(told) < _LISTED:
            told.add(place)
            hunk = _hunk(reader, row)
            says = "a change" if hunk is None else in_words(hunk)
            yield TemplateChange(row["digest"], says, row["articles"], from_utc_text(row["since"]))


def in_words(hunk: Hunk) -> str:
    """What was done.

    >>> in_words(Hunk("body", "", "Download our app!", ("", "Download our app!")))
    "a new paragraph: 'Download our app!'"
    """
    removed, added = _short(hunk.removed), _short(hunk.added)
    if hunk.field == "published_at" and added:
        return f"times of publication moved by {added} seconds"
    if hunk.field == "body" and (hunk.removed, hunk.added) == hunk.line:
        return f"a new paragraph: {added!r}" if added else f"a paragraph that went: {removed!r}"
    what = _WHAT[hunk.field]
    if removed and added:
        return f"other {what}: {added!r} for {removed!r}"
    return f"something new in {what}: {added!r}" if added else f"something that went from {what}: {removed!r}"


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}…"


def _hunk(reader: Reader, row: Row) -> Hunk | None:
    for before, after in pairwise(versions(reader, row["article_id"])):
        if after.row["revision_id"] == row["revision_id"]:
            hunks = change_between(before.told, after.told).hunks
            return next((hunk for hunk in hunks if row["digest"] in hunk.digests), None)
    return None


# Told of are changes that no article showed before; each by the newest revision that shows it.
_RECENT = """
SELECT t.digest, t.articles, t.since, t.revision_id, r.article_id,
       (SELECT MIN(p.place) FROM alterations p WHERE p.revision_id = t.revision_id AND p.digest = t.digest) AS place
FROM (
  SELECT a.digest, COUNT(DISTINCT a.article_id) AS articles, MIN(a.observed_at) AS since,
         MAX(a.revision_id) AS revision_id
  FROM alterations a
  WHERE a.edition = :edition AND a.template = 1 AND a.observed_at > :since
  GROUP BY a.digest
) t
JOIN revisions r ON r.revision_id = t.revision_id
WHERE NOT EXISTS (SELECT 1 FROM alterations b WHERE b.edition = :edition AND b.digest = t.digest AND b.template = 1
                  AND b.observed_at <= :since)
ORDER BY t.articles DESC, t.digest"""
