"""Which of the times that a stamp prints is the publication, in all languages of the agency."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dates import parse_stamp, parse_times
from crawler.records import FAILED, Article
from crawler.sites import edition
from tests.saved_pages import NOON, document, read_article

FIRST, SECOND = datetime(2026, 2, 3, 8, 54, tzinfo=UTC), datetime(2026, 2, 4, 6, 10, tzinfo=UTC)

# Edition: month, the words for a publication, the words for an update.
LANGUAGES = {
    "belta-eng": (
        "February",
        ("Published", "Posted", "First published", "Created"),
        ("Updated", "Last modified", "Upd.", "Revised"),
    ),
    "belta-rus": ("февраля", ("Опубликовано", "Размещено", "Создано"), ("Обновлено", "Изменено", "Дополнено")),
    "belta-deu": ("Februar", ("Veröffentlicht", "Erstellt"), ("Aktualisiert", "Zuletzt geändert", "Stand")),
    "belta-esp": ("febrero", ("Publicado", "Creado"), ("Actualizado", "Última modificación")),
    "belta-pol": ("lutego", ("Opublikowano", "Dodano", "Utworzono"), ("Zaktualizowano", "Ostatnia aktualizacja")),
    "belta-blr": ("лютага", ("Апублікавана", "Створана"), ("Абноўлена", "Зменена")),
}
PAIRS = [
    (name, month, published, updated)
    for name, (month, publications, updates) in LANGUAGES.items()
    for published in publications
    for updated in updates
]


def dated(stamp: str, name: str = "belta-eng", head: str = "") -> Article:
    host = edition(name).host
    main = f'<div class="content_margin"><div class="date_full">{stamp}</div><h1>Headline</h1>'
    return read_article(
        f'{main}<div class="js-mediator-article"><p>Words.</p></div></div>',
        head=head,
        edition_name=name,
        url=f"https://{host}/society/view/an-invented-story-160001-2024/",
    )


@pytest.mark.parametrize(("name", "month", "published", "updated"), PAIRS)
def test_published_time_is_taken_whichever_stands_first(name: str, month: str, published: str, updated: str) -> None:
    one, other = f"03 {month} 2026, 11:54", f"04 {month} 2026, 09:10"
    for stamp in (
        f"{updated}: {other}. {published}: {one}",
        f"{published} {one}, {updated.lower()} {other}",
        f"{one} ({updated.lower()}: {other})",
        f"<span>{updated}: {other}</span><br><b>{published.upper()}: {one}</b>",
        f"{updated}: {other} | {one}",
        f"{other} ({updated.lower()}), {one} ({published.lower()})",
        f"{other} ({updated.lower()}), {one}",
        f"{one} ({published.lower()}) {other} [{updated.lower()}]",
    ):
        article = dated(stamp, name)
        assert (article.published_at, article.modified_at) == (FIRST, SECOND), stamp
        assert article.sources["published_at"] == article.sources["modified_at"] == "div.date_full"


@pytest.mark.parametrize(("name", "month", "published", "updated"), PAIRS)
def test_time_of_an_update_alone_is_no_publication(name: str, month: str, published: str, updated: str) -> None:
    article = dated(f"{updated}: 04 {month} 2026, 09:10", name)
    assert (article.published_at, article.modified_at) == (None, SECOND)
    assert article.sources["published_at"] == f"{FAILED}div.date_full does not say when"
    assert dated(f"{published}: 03 {month} 2026, 11:54", name).published_at == FIRST


def test_chinese_stamps_say_which_time_is_which() -> None:
    article = dated("更新时间：2026年2月4日 09:10 发布时间：2026年2月3日 11:54", "belta-chn")
    assert (article.published_at, article.modified_at) == (FIRST, SECOND)


def test_two_times_that_nothing_tells_apart_are_none() -> None:
    article = dated("03 February 2026, 11:54 – 04 February 2026, 09:10")
    assert (article.published_at, article.modified_at) == (None, None)
    assert article.sources["published_at"] == f"{FAILED}div.date_full does not say when"


def test_head_settles_what_a_stamp_leaves_open() -> None:
    head = '<meta property="article:published_time" content="2026-02-03 11:54:00">'
    head += '<meta property="article:modified_time" content="2026-02-05 10:00:00">'
    article = dated("Updated: 04 February 2026, 09:10", head=head)
    assert (article.published_at, article.sources["published_at"]) == (FIRST, "meta article:published_time")
    assert article.modified_at == datetime(2026, 2, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "stamp",
    [
        "Published: 03 February 2026, 11:54. Published: 03 February 2026, 11:54",
        "03 February 2026, 11:54, updated at 14:20",
        "Updated 14:20. 03 February 2026, 11:54",
        "Updated on 4 February. Published: 03 February 2026, 11:54",
        "Society 03 February 2026, 11:54",
    ],
)
def test_one_publication_is_found_among_other_words(stamp: str) -> None:
    assert dated(stamp).published_at == FIRST


@pytest.mark.parametrize("updated", ["Updated", "Обновлено"])
def test_stamp_known_by_its_form_alone_is_no_publication_where_it_is_called_an_update(updated: str) -> None:
    main = '<div class="main"><h1>Headline</h1>{}<div class="text"><p>Words.</p></div></div>'
    late, early = f"<div>{updated} 04.02.2026 | 09:10</div>", "<div>Society 03.02.2026 | 11:54</div>"
    assert read_article(main.format(late)).published_at is None
    assert read_article(main.format(late + early)).published_at == FIRST


@pytest.mark.parametrize(
    ("ahead", "later"),
    [
        (timedelta(days=300), True),
        (timedelta(hours=1), True),
        (-timedelta(hours=1), False),
        (timedelta(minutes=5), False),
    ],
)
def test_date_later_than_the_visit_is_marked(ahead: timedelta, later: bool) -> None:  # noqa: FBT001
    local = (NOON + ahead).astimezone(ZoneInfo("Europe/Minsk"))
    article = dated(f"{local:%d %B %Y, %H:%M}")
    assert article.published_at == NOON + ahead
    assert article.sources["published_at"] == "div.date_full" + ("; later than the visit" if later else "")
    assert article.sources["published_printed"] == article.sources["published_at"]


def test_tree_that_was_not_fetched_has_no_visit() -> None:
    assert document("<p>x").fetched_at == NOON
    assert edition("belta-eng").timezone == ZoneInfo("Europe/Minsk")


@given(
    st.integers(0, 8_000_000).map(lambda minutes: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.sampled_from(["%d %B %Y, %H:%M", "%d.%m.%Y | %H:%M", "%Y-%m-%d %H:%M", "%H:%M %d %B %Y"]),
)
@settings(max_examples=60)
def test_one_time_is_read_alike_alone_and_among_several(moment: datetime, form: str) -> None:
    minsk, printed = ZoneInfo("Europe/Minsk"), moment.strftime(form)
    alone = parse_stamp(printed, language="en", timezone=minsk)
    assert parse_times(printed, language="en", timezone=minsk).moments == (alone,)
    twice = parse_times(f"Updated: {printed}; published: {printed}.", language="en", timezone=minsk)
    assert (twice.moments, twice.words) == ((alone, alone), ("updated: ", "; published: ", "."))


@given(st.text(max_size=120))
@settings(max_examples=100)
def test_any_text_has_times_with_words_around_them(text: str) -> None:
    times = parse_times(text, language="en", timezone=ZoneInfo("Europe/Minsk"))
    assert len(times.words) == len(times.moments) + 1
