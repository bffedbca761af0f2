"""What is not covered of a listing, in words."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from storage.reader import Reader, Row

COVERAGE = """
SELECT walk_id, kind, goal, complete, ended, started_at, updated_at, top_key, bottom_key, bottom_page, bottom_day,
       pages, entries, swept_at
FROM walks WHERE edition = :edition AND merged_into IS NULL ORDER BY walk_id DESC"""
"""The live intervals of an edition, newest first."""


def holes(coverage: Sequence[Row]) -> Iterator[str]:
    """What is missing between and below the live intervals; the next run closes it, unless it keeps failing."""
    for walk in coverage:
        if not walk["complete"]:
            goal = "the beginning" if walk["goal"] == "0001-01-01" else walk["goal"]
            bottom = walk["bottom_day"] or walk["bottom_key"] or "an unknown place"
            yield f"walk {walk['walk_id']} stopped at {bottom}, short of {goal}"
    heads = [walk for walk in coverage if walk["kind"] == "head"]
    for upper, lower in itertools.pairwise(heads):
        yield f"between walk {upper['walk_id']} (down to {upper['bottom_key']}) and walk {lower['walk_id']}"


def holes_of(reader: Reader, edition: str) -> tuple[str, ...]:
    """What is missing from the coverage of an edition."""
    return tuple(holes(tuple(reader.rows(COVERAGE, edition=edition))))
