"""`dateline show --diff`: two revisions of an article, word by word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from crawler.matching.diff import FieldDiff, Piece, lines
from storage.read.articles.details import ArticleDetails
from storage.read.articles.versions import Comparison, Version
from storage.terminal.amounts import counted
from storage.terminal.lines import LineWriter, Part, Span
from storage.terminal.moments import local, time_of

_NAMES: Final[Mapping[str, str]] = {
    "headline": "Headline",
    "published_at": "Time of publication (UTC)",
    "published_printed": "Date as printed",
    "modified_at": "Time of change as the page gives it (UTC)",
    "rubric": "Rubric",
    "rubric_label": "Rubric as printed",
    "lead": "Lead",
    "body": "Body",
    "dateline": "Dateline",
    "credit": "Credit",
    "author": "Author",
    "language": "Language",
    "tags": "Tags",
    "photos": "Photos",
}


def diff_as_json(found: ArticleDetails, comparison: Comparison) -> dict[str, Any]:
    """The shape that `dateline show --diff --json` prints."""
    return {
        **{name: found.article[name] for name in ("article_id", "edition", "key", "url")},
        "before": _told(comparison.before),
        "after": _told(comparison.after),
        "fields": [
            {
                "field": one.field,
                "before": one.before,
                "after": one.after,
                "pieces": [[piece.kind, piece.text] for piece in one.pieces],
            }
            for one in comparison.fields
        ],
    }


def _told(version: Version) -> dict[str, Any]:
    row = version.row
    names = ("revision_id", "number", "correction", "snapshot_id", "content_hash")
    return {"revision": version.name, "observed_at": version.observed_at, **{name: row[name] for name in names}}


def show_diff(paper: LineWriter, found: ArticleDetails, comparison: Comparison) -> None:
    """For people: a section for each field that differs; paragraphs that stayed are only counted."""
    before, after = comparison.before, comparison.after
    article = found.article
    paper.line(Span(after.row["headline"], "title"))
    paper.line(Span(f"{article['edition']}/{article['key']}  #{article['article_id']}", "dim"))
    seen = [f"{one.name}, seen {local(one.observed_at, found.zone)}" for one in (before, after)]
    paper.line(f"Revision {seen[0]}, and {seen[1]} ({time_of(found.zone)})")
    if not comparison.fields:
        paper.blank()
        paper.line("They say the same.")
    show_fields(paper, comparison.fields)


def show_fields(paper: LineWriter, fields: Iterable[FieldDiff]) -> None:
    """A section for each field that differs."""
    for one in fields:
        paper.blank()
        paper.line(Span(_NAMES.get(one.field, one.field), "title"))
        _show_field(paper, one)


def _show_field(paper: LineWriter, one: FieldDiff) -> None:
    same = 0
    for line in lines(one.pieces):
        if all(piece.kind == "=" for piece in line):
            same += 1
            continue
        _skipped(paper, same)
        same = 0
        paper.line(*_parts(line), indent=2)
    _skipped(paper, same)


def _skipped(paper: LineWriter, count: int) -> None:
    if count:
        paper.line(Span(f"… {counted(count, 'paragraph')} unchanged", "dim"), indent=2)


def _parts(line: Sequence[Piece]) -> Iterator[Part]:
    """Marked by signs as well as by colour: for the pipe, and for those who do not see red and green."""
    for piece in line:
        if piece.kind == "-":
            yield Span(f"[-{piece.text}-]", "went")
        elif piece.kind == "+":
            yield Span(f"{{+{piece.text}+}}", "came")
        else:
            yield piece.text
