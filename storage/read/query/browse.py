"""Search for people who leaf through: a page of results, with counts by edition, rubric and day.

`storage/read/query/search.py` answers a question in full, however long it takes. Here nobody waits: words that a great
part of the archive holds are shown newest first, and what cannot be counted in a blink is counted when it is asked for.
For an archive file; PostgreSQL has no index over the words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from storage.read.query.matches import RANK, Matches, matches, shown_texts
from storage.read.query.search import MATCHING, Filters, Hit, hits, pairs, parsed
from storage.read.reader import Reader

Sort = Literal["", "relevance", "time"]

PAGE = 20
COUNTED = 4_000  # articles that are counted by edition, rubric and day without being asked
RANKED = 20_000  # found by its words alone: beyond that every tenth article holds them, and newest is best
PROBED = 2_000  # found by its words alone: beyond that the newest are met by going back through the days


@dataclass(frozen=True, slots=True)
class Facets:
    """How many of the articles found there are of each kind. `days` are the site's own; undated ones are left out."""

    editions: Mapping[str, int]
    rubrics: Mapping[str, int]
    statuses: Mapping[str, int]
    days: Mapping[date, int]


@dataclass(frozen=True, slots=True)
class ResultPage:
    """A page of results. `total` articles match, or more than that where not `exact`, and then `facets` is None.

    `order` is what they are sorted by. `hint`: how a part of the query was understood.
    """

    total: int
    exact: bool
    order: Literal["relevance", "time"]
    hits: tuple[Hit, ...] = field(repr=False)
    facets: Facets | None = field(repr=False)
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class BrowseRequest:
    """What is asked for: a `query` in the language of storage/read/query/expression.py or empty, `filters`, the `page`
    (from 1), and how to sort; an empty `sort` leaves it to us. `filters.as_of` is not looked at. `count`: count
    everything, however long it takes.
    """

    query: str = ""
    filters: Filters = field(default_factory=Filters)
    sort: Sort = ""
    page: int = 1
    count: bool = False


def browse(reader: Reader, wish: BrowseRequest) -> ResultPage:
    """The page that was asked for. Raises ArgumentError for a query that cannot be honoured as it is written."""
    expression = parsed(wish.query)
    plan = _planned(reader, wish, matches(reader, expression, shown_texts(reader)) if expression else None)
    ranked = expression is not None and (wish.sort == "relevance" or (wish.sort == "" and plan.matching <= RANKED))
    total, facets = _counted(reader, plan, everything=wish.count)
    ids = [
        row["article_id"] for row in reader.rows(plan.ids(ranked=ranked), skipped=(wish.page - 1) * PAGE, **plan.values)
    ]
    return ResultPage(
        total=COUNTED if total is None else total,
        exact=total is not None,
        order="relevance" if ranked else "time",
        hits=hits(reader, wish.filters, ids, expression),
        facets=facets,
        hint=expression.hint if expression else None,
    )


def _planned(reader: Reader, wish: BrowseRequest, found: Matches | None) -> _Plan:
    """The way that reads least: from the words to their articles, or through the days that were asked for."""
    if found is None:
        return _Plan(wish.filters)
    plan = _Plan(wish.filters, found.query, pairs(found.more) if found.more else "")
    matching = _number(reader, f"SELECT COUNT(*) AS n FROM ({plan.holders})", plan)  # noqa: S608 - ours
    within = matching
    if wish.filters.since or wish.filters.until:  # the other filters leave most articles to be looked up
        days = _where("revisions r", *(sql for name, sql in plan.given if name in {"since", "until"}))
        within = _number(reader, f"SELECT COUNT(*) AS n FROM (SELECT 1 {days} LIMIT {matching})", plan)  # noqa: S608 - ours
    return replace(plan, matching=matching, by_days=within < matching)


def _counted(reader: Reader, plan: _Plan, *, everything: bool) -> tuple[int | None, Facets | None]:
    """How many match, and of what kind; None for what takes too long to count."""
    total = None if plan.given else _all(reader, plan)
    if total is not None and total > COUNTED and not everything:
        return total, None
    facets = _facets(reader, plan, -1 if everything else COUNTED + 1)
    number = sum(facets.editions.values())
    return (number, facets) if everything or number <= COUNTED else (None, None)


def _all(reader: Reader, plan: _Plan) -> int:
    """How many there are, or hold the words, without any filter."""
    if plan.match:
        return plan.matching
    return _number(reader, "SELECT COUNT(*) AS n FROM articles WHERE status IN ('live', 'gone')", plan)


def _number(reader: Reader, sql: str, plan: _Plan) -> int:
    (row,) = reader.rows(sql, **plan.values)
    number: int = row["n"]
    return number


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is asked as SQL over the tables: ``r`` the current revision, ``n`` its article. CROSS JOIN is SQLite's way
    of saying which table comes first. `match` is what the index is asked, `more` are articles that it does not find by
    that (storage/read/query/matches.py). `matching` articles hold the words; `by_days`: few enough were published in
    the time asked for to look for the words in each.
    """

    filters: Filters
    match: str = ""
    more: str = ""
    matching: int = 0
    by_days: bool = False

    @property
    def values(self) -> dict[str, object]:
        words = {"query": self.match, "more": self.more}
        return {name: value for name, value in words.items() if value} | self.filters.values

    @property
    def given(self) -> list[tuple[str, str]]:
        """The conditions by the name of their filter."""
        given = [(name, sql) for name, sql in _CONDITIONS.items() if getattr(self.filters, name)]
        return given + self.filters.own_condition("n.edition", "r.published_at")

    @property
    def conditions(self) -> list[str]:
        return [sql for _, sql in self.given]

    @property
    def source(self) -> str:
        """FROM and WHERE of all that match."""
        if self.match and not self.by_days:
            return self.from_words
        return self.from_losses if self.filters.status == "gone" else self.from_days

    def ids(self, *, ranked: bool) -> str:
        """SELECT of the article_ids of a page."""
        page = f"LIMIT {PAGE} OFFSET :skipped"
        if ranked and not self.given:
            if self.more:
                return f"SELECT article_id FROM {MATCHING} ORDER BY rank, article_id DESC {page}"  # noqa: S608 - ours
            order = f"ORDER BY {RANK}, rowid DESC"
            return f"SELECT rowid AS article_id FROM news_search WHERE news_search MATCH :query {order} {page}"  # noqa: S608
        if ranked:
            rank = "m.rank" if self.more else RANK
            return f"SELECT n.article_id {self.from_words} ORDER BY {rank}, n.article_id DESC {page}"
        newest = "ORDER BY r.published_at DESC, n.article_id DESC"
        source = self.from_newest if self._met_soon else self.from_days if self.matching > PROBED else self.source
        return f"SELECT n.article_id {source} {newest} {page}"

    @property
    def _met_soon(self) -> bool:
        """Whether the first articles that hold the words are met soon by going back in time. To ask an article for a
        beginning (``park*``) takes as long as to look up all that have it.
        """
        common = self.matching > PROBED and "*" not in self.match and not self.more
        return common and self.filters.status != "gone"

    @property
    def from_words(self) -> str:
        """FROM and WHERE that look up each article that holds the words."""
        if self.more:
            joined = "n.article_id = m.article_id AND r.revision_id = n.revision_id"
            return _where(f"{MATCHING} CROSS JOIN articles n CROSS JOIN revisions r", joined, *self.conditions)
        return _where(
            "news_search CROSS JOIN articles n CROSS JOIN revisions r",
            "news_search MATCH :query AND n.article_id = news_search.rowid AND r.revision_id = n.revision_id",
            *self.conditions,
        )

    @property
    def from_days(self) -> str:
        """FROM and WHERE that go through the articles by time."""
        return _where("revisions r CROSS JOIN articles n", _SHOWN, *self.conditions, *self.held)

    @property
    def from_newest(self) -> str:
        """The same for the first few that hold common words: each is asked for them as it is met."""
        words = "news_search.rowid = n.article_id AND news_search MATCH :query"
        return _where("revisions r CROSS JOIN articles n CROSS JOIN news_search", _SHOWN, *self.conditions, words)

    @property
    def from_losses(self) -> str:
        """FROM and WHERE that look at the articles that are gone."""
        joined = "n.gone_at > '' AND r.revision_id = n.revision_id"
        return _where("articles n CROSS JOIN revisions r", joined, *self.conditions, *self.held)

    @property
    def held(self) -> list[str]:
        """The condition that an article holds the words, which are looked up once for all of them."""
        return [f"+n.article_id IN ({self.holders})"] if self.match else []  # + : looked up last, whatever it promises

    @property
    def holders(self) -> str:
        """SELECT of the articles that hold the words."""
        more = " UNION ALL SELECT json_extract(value, '$[0]') FROM json_each(:more)" if self.more else ""
        return f"SELECT rowid FROM news_search WHERE news_search MATCH :query{more}"  # noqa: S608 - ours


_SHOWN = "n.article_id = r.article_id AND n.revision_id = r.revision_id"


def _where(tables: str, *conditions: str) -> str:
    return f"FROM {tables} WHERE {' AND '.join(conditions)}"


_CONDITIONS = {
    "edition": "n.edition = :edition",
    "rubric": "r.rubric = :rubric",
    "since": "r.published_at >= :since",
    "until": "r.published_at < :until",
    "status": "n.status = :status",
    # Of an index alone; of those that it finds, what the site changed in all of its pages is no change.
    "changed": "+r.article_id IN (SELECT m.article_id FROM revisions m WHERE m.number > 1) AND (SELECT COUNT(DISTINCT"
    " c.number) FROM revisions c WHERE c.article_id = r.article_id AND c.cause IS NULL) > 1",
}

_DAY = "CASE WHEN r.published_at IS NOT NULL THEN n.day END"  # as in storage/read/counts.py
_FOUND = f"SELECT n.edition, COALESCE(r.rubric, '') AS rubric, n.status, {_DAY} AS day"
_GROUPED = "SELECT edition, rubric, status, day, COUNT(*) AS articles FROM ({found}) GROUP BY 1, 2, 3, 4"


def _facets(reader: Reader, plan: _Plan, limit: int) -> Facets:
    """The counts of the first so many that are met; of all where `limit` is -1."""
    editions: Counter[str] = Counter()
    rubrics: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    days: Counter[date] = Counter()
    for row in reader.rows(_GROUPED.format(found=f"{_FOUND} {plan.source} LIMIT {limit}"), **plan.values):
        articles = row["articles"]
        editions[row["edition"]] += articles
        rubrics[row["rubric"]] += articles
        statuses[row["status"]] += articles
        if row["day"] is not None:
            days[date.fromisoformat(row["day"])] += articles
    return Facets(editions, rubrics, statuses, days)
