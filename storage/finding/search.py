"""Full-text search over the archive: what was asked, what was found; nothing about how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, TypeVar

from crawler.errors import ArgumentError
from storage.asof import NEWS_AS_OF
from storage.books.counts import SLOT, Counts, counts_of
from storage.finding.families import near_identical
from storage.finding.older import MATCHING, older
from storage.finding.query import plain_words, prepared
from storage.finding.snippets import Marked, Term, excerpt, mark, terms
from storage.reader import QueryRefused, Reader

Sort = Literal["relevance", "time"]
_Answer = TypeVar("_Answer")

COLUMNS = (
    "article_id", "edition", "key", "url", "headline", "published_at", "rubric", "lead", "status", "revision_count",
    "changed_at", "gone_at", "duplicate_of", "photo_caption", "photo_count", "snapshot_id",
)  # fmt: skip
"""Columns of the view `news` that an answer shows; the body is left to `dateline show`."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles are looked at; None means any. `since` (inclusive) and `until` (exclusive) are UTC text.

    `changed`: only articles that the agency changed after we first had them. `as_of`, UTC text: the archive as it stood
    then, by what was observed before (storage/asof.py); the other filters ask what was so then.
    """

    edition: str | None = None
    rubric: str | None = None
    since: str | None = None
    until: str | None = None
    status: str | None = None
    changed: bool = False
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found: `article` holds `COLUMNS` by name, `headline` and `snippet` say where the words stand.

    `near` is how many articles are near-identical to it (finding/families.py); None as of a time: it is not kept.
    """

    article: Mapping[str, Any] = field(repr=False)
    headline: Marked
    snippet: Marked
    near: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """An answer: `total` articles match, `hits` are the first of them. `hint`: words were searched instead.

    `counts` are of all that match, None where they were not asked for.
    """

    total: int
    hits: tuple[Hit, ...]
    hint: str | None = None
    counts: Counts | None = None


def search(
    reader: Reader, query: str, filters: Filters, *, sort: Sort = "relevance", limit: int = 20, counts: bool = False
) -> Found:
    """Articles that match `query` and `filters`, best or newest first; with `counts`, how many by month and rubric.

    `query` is FTS5's language (``"great stone" AND park*``); on PostgreSQL its web search syntax. Empty means every
    article, newest first. A query that cannot be parsed is searched as plain words, and `hint` says so. Raises
    ArgumentError when there is no word in it at all.
    """
    wanted = _Wanted(sort, limit, counts)
    found, hint = _planned(reader, query, filters, lambda plan, words: _answer(reader, plan, words, wanted))
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
    selection, hint = _planned(reader, query, filters, lambda plan, _: _selection(reader, plan))
    return replace(selection, hint=hint)


def names(reader: Reader, column: Literal["edition", "rubric"]) -> list[str]:
    """The editions or rubrics that the archive has articles of, in alphabetical order."""
    sql = f"SELECT DISTINCT {column} AS name FROM news WHERE {column} IS NOT NULL ORDER BY 1"  # noqa: S608 - one of two words
    return [row["name"] for row in reader.rows(sql)]


# A word in the headline says more about a story than one in its body: a weight for each column of the index.
_WEIGHTS = (10.0, 5.0, 1.0, 2.0, 1.0)
RANK = f"bm25(news_search, {', '.join(map(str, _WEIGHTS))})"

# Without an index of its own: right, but slow on many articles. Accents are folded only where `folded` has them.
_SHOWN = "(SELECT a.revision_id FROM articles a WHERE a.article_id = n.article_id)"
_VECTOR = (
    "to_tsvector('simple', concat_ws(' ', n.headline, n.lead, n.body, n.photo_caption,"
    " (SELECT r.folded FROM revisions r WHERE r.revision_id = {shown})))"
)
_WEB_QUERY = "websearch_to_tsquery('simple', :query)"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be told of the articles that match."""

    sort: Sort
    limit: int
    counts: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    """A query as SQL. `match` is its condition on `table`, `rank` what orders it, smallest first; empty without a
    query. `table` has a row for each article that matches, its number in `number`; empty where `news` is asked.
    """

    filters: Filters
    query: str = ""
    match: str = ""
    rank: str = ""
    table: str = ""
    number: str = ""
    older: str = ""

    @property
    def values(self) -> dict[str, object]:
        wanted = {"query": self.query, "older": self.older, **asdict(self.filters)}
        return {name: value for name, value in wanted.items() if value and name != "changed"}

    @property
    def conditions(self) -> list[str]:
        given = asdict(self.filters)
        return [sql for name, sql in _CONDITIONS.items() if given[name]]

    def source(self, *, with_news: bool) -> str:
        """FROM and WHERE. The index alone is asked where nothing but the words count."""
        tables, conditions = [*filter(None, [self.table])], [*filter(None, [self.match]), *self.conditions]
        if with_news or self.conditions or self.filters.as_of or not self.table:
            tables.append(_news(self.filters))
            conditions += [f"n.article_id = {self.number}"] if self.table else []
        return f"FROM {', '.join(tables)}" + (f" WHERE {' AND '.join(conditions)}" if conditions else "")


_CONDITIONS = {
    "edition": "n.edition = :edition",
    "rubric": "n.rubric = :rubric",
    "since": "n.published_at >= :since",
    "until": "n.published_at < :until",
    "status": "n.status = :status",
    "changed": "n.revision_count > 1",
}


def _news(filters: Filters) -> str:
    return f"({NEWS_AS_OF}) n" if filters.as_of else "news n"


def _planned(
    reader: Reader, query: str, filters: Filters, use: Callable[[_Plan, str], _Answer]
) -> tuple[_Answer, str | None]:
    """What `use` makes of the query, and a hint where its words had to be searched instead."""
    if not query.strip():
        return use(_Plan(filters), ""), None
    if reader.dialect != "sqlite":
        return use(_web_search(filters, query), query), None
    try:
        return use(_full_text(reader, filters, query), query), None
    except QueryRefused as refusal:
        words = plain_words(query)
        if not words:
            raise ArgumentError(f"{query!r} holds no word to search for") from refusal
        hint = f"{query!r} is no search expression, so its words were searched: {words}"
        return use(_full_text(reader, filters, words), words), hint


def _full_text(reader: Reader, filters: Filters, words: str) -> _Plan:
    """The words asked of the index; as of a time, of the wordings of then."""
    query = prepared(words)
    if filters.as_of is None:
        return _Plan(filters, query, "news_search MATCH :query", RANK, "news_search", "news_search.rowid")
    wordings = older(reader, query, words, filters.as_of, _WEIGHTS)
    return _Plan(filters, query, "", "m.rank", MATCHING.format(rank=RANK), "m.article_id", wordings)


def _web_search(filters: Filters, query: str) -> _Plan:
    vector = _VECTOR.format(shown="n.revision_id" if filters.as_of else _SHOWN)
    return _Plan(filters, query, f"{vector} @@ {_WEB_QUERY}", f"-ts_rank({vector}, {_WEB_QUERY})")


def hits(reader: Reader, filters: Filters, ids: Sequence[int], words: str) -> tuple[Hit, ...]:
    """The articles of these ids, in their order, as an answer shows them: with the words of a query marked."""
    marked = terms(words)
    found = (_hit(row, marked) for row in _articles(reader, filters, ids))
    if filters.as_of is not None:
        return tuple(found)
    return tuple(replace(hit, near=near_identical(reader, hit.article["article_id"])) for hit in found)


def _answer(reader: Reader, plan: _Plan, words: str, wanted: _Wanted) -> Found:
    counts = _counted(reader, plan) if wanted.counts else None
    total = _total(reader, plan) if counts is None else counts.total
    ids = _best(reader, plan, wanted.sort, wanted.limit)
    return Found(total, hits(reader, plan.filters, ids, words), counts=counts)


def _total(reader: Reader, plan: _Plan) -> int:
    row = reader.row(f"SELECT COUNT(*) AS total {plan.source(with_news=False)}", **plan.values)
    return row["total"] if row else 0


def _selection(reader: Reader, plan: _Plan) -> Selection:
    return Selection(plan.source(with_news=True), plan.values, _total(reader, plan))


def _counted(reader: Reader, plan: _Plan) -> Counts:
    sql = f"SELECT {SLOT} AS slot, n.rubric AS rubric, COUNT(*) AS count {plan.source(with_news=True)} GROUP BY 1, 2"
    return counts_of(reader.rows(sql, **plan.values))


def _best(reader: Reader, plan: _Plan, sort: Sort, limit: int) -> list[int]:
    """The article_ids to show. Only these are then read, so that a common word costs its ranking and no more."""
    by_time = sort == "time" or not plan.rank
    order = "COALESCE(n.published_at, '') DESC, n.article_id DESC" if by_time else f"{plan.rank}, article_id DESC"
    alone = bool(plan.table) and not by_time and not plan.conditions and not plan.filters.as_of
    column = plan.number if alone else "n.article_id"
    sql = f"SELECT {column} AS article_id {plan.source(with_news=not alone)} ORDER BY {order} LIMIT :limit"
    return [row["article_id"] for row in reader.rows(sql, **plan.values, limit=limit)]


def _articles(reader: Reader, filters: Filters, ids: Sequence[int]) -> list[Mapping[str, Any]]:
    sql = f"SELECT body, {', '.join(COLUMNS)} FROM {_news(filters)} WHERE n.article_id = :id"  # noqa: S608 - our own column names
    then = {"as_of": filters.as_of} if filters.as_of else {}
    rows = (reader.row(sql, id=article_id, **then) for article_id in ids)
    return [row for row in rows if row is not None]


def _hit(row: Mapping[str, Any], wanted: Sequence[Term]) -> Hit:
    snippet = excerpt([row["lead"], row["body"], row["photo_caption"]], wanted)
    return Hit({name: row[name] for name in COLUMNS}, mark(row["headline"], wanted), snippet)
