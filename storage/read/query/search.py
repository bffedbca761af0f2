"""Full-text search over the archive: what was asked, what was found; nothing about how it is shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

from storage.read.articles.neighbours import near_identical
from storage.read.as_of import NEWS_AS_OF
from storage.read.counts import MONTH, Counts, counts_of
from storage.read.query.expression import Expression, parse
from storage.read.query.matches import RANK, matches, ranked, shown_texts
from storage.read.query.snippets import Marked, Term, excerpt, mark, terms
from storage.read.query.texts import captions, index_of, server_texts
from storage.read.reader import Reader, Row
from storage.read.zones import Bounds, OwnBounds, own_condition

Sort = Literal["relevance", "time"]

COLUMNS = (
    "article_id", "edition", "key", "url", "headline", "published_at", "rubric", "lead", "status", "revision_count",
    "changed_at", "gone_at", "duplicate_of", "photo_caption", "photo_count", "snapshot_id",
)  # fmt: skip
"""Columns of the view `news` that an answer shows; the body is left to `dateline show`."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles are looked at; None means any. `since` (inclusive) and `until` (exclusive) are UTC text.

    `changed`: only articles that the agency changed after we first had them. `as_of`, UTC text: the archive as it stood
    then, by what was observed before (storage/read/as_of.py); the other filters ask what was so then. `own`: where
    `since` and `until` are other times in each edition, those (storage/read/zones.py).
    """

    edition: str | None = None
    rubric: str | None = None
    since: str | None = None
    until: str | None = None
    status: str | None = None
    changed: bool = False
    as_of: str | None = None
    own: tuple[OwnBounds, ...] = ()

    @property
    def given(self) -> dict[str, Any]:
        """The filters by name, as they are told to people."""
        return {name: value for name, value in asdict(self).items() if name != "own"}

    @property
    def values(self) -> dict[str, object]:
        """What the conditions in SQL refer to."""
        given = {name: value for name, value in self.given.items() if value and name != "changed"}
        return given | own_condition(self.own, "", "")[1]

    def own_condition(self, edition: str, time: str) -> list[tuple[str, str]]:
        """The condition of `own` over two columns with its name; empty where there is none."""
        return [("own", own_condition(self.own, edition, time)[0])] if self.own else []

    @property
    def bounds(self) -> Bounds:
        return Bounds(self.since, self.until, self.own)


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found: `article` holds `COLUMNS` by name, `headline` and `snippet` say where the words stand.

    `near` is how many articles are near-identical to it (storage/read/articles/neighbours.py); None as of a time:
    it is not kept.
    """

    article: Mapping[str, Any] = field(repr=False)
    headline: Marked
    snippet: Marked
    near: int | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An answer: `total` articles match, `hits` are the first of them. `hint`: how a part of the query was understood.

    `counts` are of all that match, None where they were not asked for.
    """

    total: int
    hits: tuple[Hit, ...]
    hint: str | None = None
    counts: Counts | None = None


def search(
    reader: Reader, query: str, filters: Filters, *, sort: Sort = "relevance", limit: int = 20, counts: bool = False
) -> SearchResult:
    """Articles that match `query` and `filters`, best or newest first; with `counts`, how many by month and rubric.

    The language of `query` is that of storage/read/query/expression.py, in a file as on a server. Empty means every
    article, newest first. Raises ArgumentError for a query that cannot be honoured as it is written.
    """
    expression = parsed(query)
    found = _answer(reader, _planned(reader, expression, filters), expression, _Wanted(sort, limit, counts))
    return replace(found, hint=expression.hint if expression else None)


@dataclass(frozen=True, slots=True)
class Selection:
    """All articles that match: `source` is FROM and WHERE over the view `news` as ``n`` with its `values`, `total`
    how many they are. `hint`: how a part of the query was understood.
    """

    source: str
    values: Mapping[str, object]
    total: int
    hint: str | None = None


def select(reader: Reader, query: str, filters: Filters) -> Selection:
    """The same articles as `search` finds, for somebody who reads all of them. Raises ArgumentError like it."""
    expression = parsed(query)
    plan = _planned(reader, expression, filters)
    source, total = plan.source(with_news=True), _total(reader, plan)
    return Selection(source, plan.values, total, expression.hint if expression else None)


def parsed(query: str) -> Expression | None:
    """The expression of a query; None where nothing is typed. Raises ArgumentError like `expression.parse`."""
    return parse(query) if query.strip() else None


_AS_PAIRS: Final = (
    "SELECT json_extract(value, '$[0]') AS article_id, json_extract(value, '$[1]') AS rank FROM json_each(:more)"
)
_IN_INDEX: Final = f"SELECT rowid AS article_id, {RANK} AS rank FROM news_search WHERE news_search MATCH :query"  # noqa: S608 - our own weights  # noqa: S608 - ours
_AS_IT_STOOD: Final = (
    f"SELECT news_search.rowid AS article_id, {RANK} AS rank FROM news_search, articles c"  # noqa: S608 - as above
    " WHERE news_search MATCH :query AND c.article_id = news_search.rowid AND c.changed_at < :as_of"
)
_ON_SERVER: Final = (
    "SELECT * FROM json_to_recordset(CAST(:more AS json)) AS found(article_id integer, rank double precision)"
)

MATCHING: Final = f"({_IN_INDEX} UNION ALL {_AS_PAIRS}) m"
"""Articles with their rank: those of the index, and ``:more`` as `pairs` writes them."""


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
    more: str = ""

    @property
    def values(self) -> dict[str, object]:
        words = {"query": self.query, "more": self.more}
        return {name: value for name, value in words.items() if value} | self.filters.values

    @property
    def conditions(self) -> list[str]:
        given = [sql for name, sql in _CONDITIONS.items() if getattr(self.filters, name)]
        return given + [sql for _, sql in self.filters.own_condition("n.edition", "n.published_at")]

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


def _planned(reader: Reader, expression: Expression | None, filters: Filters) -> _Plan:
    if expression is None:
        return _Plan(filters)
    if reader.dialect == "sqlite":
        return _asked_of_index(reader, expression, filters)
    return _Plan(
        filters, "", "", "m.rank", f"({_ON_SERVER}) m", "m.article_id", _found_on_server(reader, expression, filters)
    )


def _asked_of_index(reader: Reader, expression: Expression, filters: Filters) -> _Plan:
    """The words asked of the index; as of a time, of the wordings of then."""
    found = matches(reader, expression, shown_texts(reader))
    if filters.as_of is not None:
        table = f"({_AS_IT_STOOD} UNION ALL {_AS_PAIRS}) m"
        more = pairs(_as_it_stood(reader, reader, expression, found.more, filters.as_of))
        return _Plan(filters, found.query, "", "m.rank", table, "m.article_id", more)
    if found.more:
        return _Plan(filters, found.query, "", "m.rank", MATCHING, "m.article_id", pairs(found.more))
    return _Plan(filters, found.query, "news_search MATCH :query", RANK, "news_search", "news_search.rowid")


def _found_on_server(reader: Reader, expression: Expression, filters: Filters) -> str:
    """A server has no such index, so it is made of the texts for the time of the question: it gives the same answers,
    and takes as long as it takes to read all texts.
    """
    with index_of(reader.name, server_texts(reader)) as index:
        found = matches(index, expression, shown_texts(reader))
        ranks = [(row["article_id"], row["rank"]) for row in index.rows(_IN_INDEX, query=found.query)]
        ranks += found.more
        if filters.as_of is not None:
            ranks = _as_it_stood(reader, index, expression, ranks, filters.as_of)
    return json.dumps([{"article_id": article_id, "rank": rank} for article_id, rank in ranks])


def _as_it_stood(
    reader: Reader, index: Reader, expression: Expression, found: Sequence[tuple[int, float]], as_of: str
) -> list[tuple[int, float]]:
    """Of what is found now, the articles that showed the same then, and those of which the wording of then is found."""
    changed = changed_since(reader, as_of) if found else frozenset()
    same = [(article_id, rank) for article_id, rank in found if article_id not in changed]
    return same + older(reader, index, expression, as_of)


def pairs(found: Sequence[tuple[int, float]]) -> str:
    """Articles and ranks as ``:more`` of `MATCHING`."""
    return json.dumps(found)


def hits(reader: Reader, filters: Filters, ids: Sequence[int], expression: Expression | None) -> tuple[Hit, ...]:
    """The articles of these ids, in their order, as an answer shows them: with the words of a query marked."""
    marked = terms(expression.tree) if expression else ()
    found = (_hit(row, marked) for row in _articles(reader, filters, ids))
    if filters.as_of is not None:
        return tuple(found)
    return tuple(replace(hit, near=near_identical(reader, hit.article["article_id"])) for hit in found)


def _answer(reader: Reader, plan: _Plan, expression: Expression | None, wanted: _Wanted) -> SearchResult:
    counts = _counted(reader, plan) if wanted.counts else None
    total = _total(reader, plan) if counts is None else counts.total
    ids = _best(reader, plan, wanted.sort, wanted.limit)
    return SearchResult(total, hits(reader, plan.filters, ids, expression), counts=counts)


def _total(reader: Reader, plan: _Plan) -> int:
    row = reader.row(f"SELECT COUNT(*) AS total {plan.source(with_news=False)}", **plan.values)
    return row["total"] if row else 0


def _counted(reader: Reader, plan: _Plan) -> Counts:
    sql = f"SELECT {MONTH} AS month, n.rubric AS rubric, COUNT(*) AS count {plan.source(with_news=True)} GROUP BY 1, 2"
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


# Wordings that an article showed at a time and does not show any more: searched as if the index still had them.
#
# The full-text index holds what articles show now. As of a time most of them showed the same; the others are few, since
# an agency changes a story in its first days, and are indexed for the time of the question.

_WORDINGS: Final = """
SELECT n.article_id, n.headline, n.lead, n.body, r.folded, {captions} AS captions
FROM articles c, ({news}) n, revisions r
WHERE c.changed_at >= :as_of AND c.first_seen_at < :as_of
  AND n.article_id = c.article_id AND r.revision_id = n.revision_id"""
_CHANGED: Final = "SELECT article_id FROM articles WHERE changed_at >= :as_of"


def changed_since(reader: Reader, as_of: str) -> frozenset[int]:
    """The articles that the index does not show as they stood before that time (UTC text)."""
    return frozenset(row["article_id"] for row in reader.rows(_CHANGED, as_of=as_of))


def older(reader: Reader, index: Reader, expression: Expression, as_of: str) -> list[tuple[int, float]]:
    """The articles of which an expression finds the wording before `as_of` (UTC text), with their ranks.

    `index` is the archive's full-text index: how rare a word is, is asked there.
    """
    sql = _WORDINGS.format(captions=captions(reader, "n.revision_id"), news=NEWS_AS_OF)
    wordings = {row["article_id"]: row for row in reader.rows(sql, as_of=as_of)}

    def texts(ids: Sequence[int], _: Sequence[str]) -> Iterable[Row]:
        return (wordings[number] for number in ids)

    with index_of(reader.name, wordings.values()) as small:
        found = matches(small, expression, texts)
        ids = [*_by_index(small, found.query), *(number for number, _ in found.more)]
    return list(ranked(index, expression.tree, texts(sorted(ids), ())))


def _by_index(index: Reader, query: str) -> Iterator[int]:
    sql = "SELECT rowid AS article_id FROM news_search WHERE news_search MATCH :query"
    return (row["article_id"] for row in index.rows(sql, query=query))
