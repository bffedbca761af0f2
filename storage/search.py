"""Full-text search over the archive: what was asked, what was found; nothing about how it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from crawler.errors import ArgumentError
from storage.query import plain_words, prepared
from storage.reader import QueryRefused, Reader
from storage.snippets import Marked, Term, excerpt, mark, terms

Sort = Literal["relevance", "time"]

COLUMNS = (
    "article_id", "edition", "key", "url", "headline", "published_at", "rubric", "lead", "status", "revision_count",
    "changed_at", "gone_at", "duplicate_of", "photo_caption", "photo_count", "snapshot_id",
)  # fmt: skip
"""Columns of the view `news` that an answer shows; the body is left to `dateline show`."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles are looked at; None means any. `since` (inclusive) and `until` (exclusive) are UTC text.

    `changed`: only articles that the agency changed after we first had them.
    """

    edition: str | None = None
    rubric: str | None = None
    since: str | None = None
    until: str | None = None
    status: str | None = None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found: `article` holds `COLUMNS` by name, `headline` and `snippet` say where the words stand."""

    article: Mapping[str, Any] = field(repr=False)
    headline: Marked
    snippet: Marked


@dataclass(frozen=True, slots=True)
class Found:
    """An answer: `total` articles match, `hits` are the first of them. `hint`: words were searched instead."""

    total: int
    hits: tuple[Hit, ...]
    hint: str | None = None


def search(reader: Reader, query: str, filters: Filters, *, sort: Sort = "relevance", limit: int = 20) -> Found:
    """Articles that match `query` and `filters`, best or newest first.

    `query` is FTS5's language (``"great stone" AND park*``); on PostgreSQL its web search syntax. Empty means every
    article, newest first. A query that cannot be parsed is searched as plain words, and `hint` says so. Raises
    ArgumentError when there is no word in it at all.
    """
    if not query.strip():
        return _answer(reader, _Plan(filters), "", sort="time", limit=limit)
    if reader.dialect != "sqlite":
        return _answer(reader, _Plan(filters, query, _WEB_SEARCH, _WEB_RANK), query, sort=sort, limit=limit)
    try:
        return _answer(reader, _Plan(filters, prepared(query), _MATCH, _RANK), query, sort=sort, limit=limit)
    except QueryRefused as refusal:
        words, hint = _as_words(query, refusal)
        found = _answer(reader, _Plan(filters, prepared(words), _MATCH, _RANK), words, sort=sort, limit=limit)
        return replace(found, hint=hint)


@dataclass(frozen=True, slots=True)
class Selection:
    """All articles that match: `source` is FROM and WHERE over the view `news` as ``n`` with its `values`, `total`
    how many they are. `hint`: words were searched instead.
    """

    source: str
    values: Mapping[str, object]
    total: int
    hint: str | None = None


def select(reader: Reader, query: str, filters: Filters) -> Selection:
    """The same articles as `search` finds, for somebody who reads all of them. Raises ArgumentError like it."""
    if not query.strip():
        return _selection(reader, _Plan(filters))
    if reader.dialect != "sqlite":
        return _selection(reader, _Plan(filters, query, _WEB_SEARCH))
    try:
        return _selection(reader, _Plan(filters, prepared(query), _MATCH))
    except QueryRefused as refusal:
        words, hint = _as_words(query, refusal)
        return _selection(reader, _Plan(filters, prepared(words), _MATCH), hint)


def _selection(reader: Reader, plan: _Plan, hint: str | None = None) -> Selection:
    source = plan.source(with_news=True)
    (row,) = reader.rows(f"SELECT COUNT(*) AS total {source}", **plan.values)
    return Selection(source, plan.values, row["total"], hint)


def _as_words(query: str, refusal: QueryRefused) -> tuple[str, str]:
    """A query that cannot be parsed as its words, and the hint that says so."""
    words = plain_words(query)
    if not words:
        raise ArgumentError(f"{query!r} holds no word to search for") from refusal
    return words, f"{query!r} is no search expression, so its words were searched: {words}"


# A word in the headline says more about a story than one in its body: a weight for each column of the index.
_RANK = "bm25(news_search, 10.0, 5.0, 1.0, 2.0, 1.0)"
_MATCH = "news_search MATCH :query"

# Without an index of its own: right, but slow on many articles. Accents are folded only where `folded` has them.
_VECTOR = (
    "to_tsvector('simple', concat_ws(' ', n.headline, n.lead, n.body, n.photo_caption, (SELECT r.folded"
    " FROM revisions r JOIN articles a ON a.revision_id = r.revision_id WHERE a.article_id = n.article_id)))"
)
_WEB_QUERY = "websearch_to_tsquery('simple', :query)"
_WEB_SEARCH = f"{_VECTOR} @@ {_WEB_QUERY}"
_WEB_RANK = f"-ts_rank({_VECTOR}, {_WEB_QUERY})"


@dataclass(frozen=True, slots=True)
class _Plan:
    """A query as SQL: `match` is its condition, `rank` what orders it, smallest first; empty without a query."""

    filters: Filters
    query: str = ""
    match: str = ""
    rank: str = ""

    @property
    def values(self) -> dict[str, object]:
        wanted = {"query": self.query, **asdict(self.filters)}
        return {name: value for name, value in wanted.items() if value and name != "changed"}

    @property
    def conditions(self) -> list[str]:
        given = asdict(self.filters)
        return [sql for name, sql in _CONDITIONS.items() if given[name]]

    def source(self, *, with_news: bool) -> str:
        """FROM and WHERE. The index alone is asked where nothing but the words count."""
        tables = ["news_search"] if self.match == _MATCH else []
        conditions = [*filter(None, [self.match]), *self.conditions]
        if with_news or self.conditions or not tables:
            tables.append("news n")
            conditions += ["n.article_id = news_search.rowid"] if len(tables) > 1 else []
        return f"FROM {', '.join(tables)}" + (f" WHERE {' AND '.join(conditions)}" if conditions else "")


_CONDITIONS = {
    "edition": "n.edition = :edition",
    "rubric": "n.rubric = :rubric",
    "since": "n.published_at >= :since",
    "until": "n.published_at < :until",
    "status": "n.status = :status",
    "changed": "n.revision_count > 1",
}


def _answer(reader: Reader, plan: _Plan, words: str, *, sort: Sort, limit: int) -> Found:
    total = reader.row(f"SELECT COUNT(*) AS total {plan.source(with_news=False)}", **plan.values)
    ids = _best(reader, plan, sort, limit)
    wanted = terms(words)
    hits = [_hit(row, wanted) for row in _articles(reader, ids)]
    return Found(total["total"] if total else 0, tuple(hits))


def _best(reader: Reader, plan: _Plan, sort: Sort, limit: int) -> list[int]:
    """The article_ids to show. Only these are then read, so that a common word costs its ranking and no more."""
    by_time = sort == "time" or not plan.rank
    order = "COALESCE(n.published_at, '') DESC, n.article_id DESC" if by_time else f"{plan.rank}, article_id DESC"
    alone = plan.match == _MATCH and not by_time and not plan.conditions
    column = "news_search.rowid" if alone else "n.article_id"
    sql = f"SELECT {column} AS article_id {plan.source(with_news=not alone)} ORDER BY {order} LIMIT :limit"
    return [row["article_id"] for row in reader.rows(sql, **plan.values, limit=limit)]


def names(reader: Reader, column: Literal["edition", "rubric"]) -> list[str]:
    """The editions or rubrics that the archive has articles of, in alphabetical order."""
    sql = f"SELECT DISTINCT {column} AS name FROM news WHERE {column} IS NOT NULL ORDER BY 1"  # noqa: S608 - one of two words
    return [row["name"] for row in reader.rows(sql)]


def _articles(reader: Reader, ids: Sequence[int]) -> list[Mapping[str, Any]]:
    sql = f"SELECT body, {', '.join(COLUMNS)} FROM news WHERE article_id = :id"  # noqa: S608 - our own column names
    rows = (reader.row(sql, id=article_id) for article_id in ids)
    return [row for row in rows if row is not None]


def _hit(row: Mapping[str, Any], wanted: Sequence[Term]) -> Hit:
    snippet = excerpt([row["lead"], row["body"], row["photo_caption"]], wanted)
    return Hit({name: row[name] for name in COLUMNS}, mark(row["headline"], wanted), snippet)
