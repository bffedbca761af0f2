"""A page that says, in an article's dress, that there is no article is none, in every language of the agency."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.errors import NotAnArticle
from crawler.reading import read
from crawler.records import Article, Reading
from crawler.sites import edition
from crawler.sites.belta.missing import says_missing
from tests.saved_pages import KEY, read_article, snapshot

HEADINGS = [
    ("belta-eng", "Page not found"),
    ("belta-eng", "404"),
    ("belta-eng", "Error 404"),
    ("belta-eng", "404 Not Found"),
    ("belta-eng", "Oops! That page can’t be found."),
    ("belta-eng", "The page you are looking for doesn't exist"),
    ("belta-eng", "This article is no longer available"),
    ("belta-rus", "Страница не найдена"),
    ("belta-rus", "Ошибка 404"),
    ("belta-rus", "Запрашиваемая страница не существует"),
    ("belta-rus", "Материал удален"),
    ("belta-rus", "Такой страницы нет"),
    ("belta-deu", "Seite nicht gefunden"),
    ("belta-deu", "Die Seite wurde leider nicht gefunden"),
    ("belta-deu", "Fehler 404"),
    ("belta-esp", "Página no encontrada"),
    ("belta-esp", "La página no existe"),
    ("belta-esp", "No se ha encontrado la página"),
    ("belta-pol", "Strona nie została znaleziona"),
    ("belta-pol", "Nie znaleziono strony"),
    ("belta-pol", "Błąd 404"),
    ("belta-blr", "Старонка не знойдзена"),
    ("belta-blr", "Памылка 404"),
    ("belta-chn", "页面未找到"),
    ("belta-chn", "您访问的页面不存在"),
    ("belta-pol", "Page not found"),
    ("belta-eng", "We couldn't find that page"),
    ("belta-eng", "HTTP 404 – File not found"),
    ("belta-eng", "No such news item"),
    ("belta-eng", "Page unavailable"),
    ("belta-eng", "The material has been deleted"),
    ("belta-rus", "Нет такого материала"),
    ("belta-rus", "Материал снят с публикации"),
    ("belta-rus", "Не удалось найти страницу"),
    ("belta-rus", "Запись не найдена"),
    ("belta-blr", "Мы не знайшлі гэтую старонку"),
    ("belta-blr", "Нічога не знойдзена"),
    ("belta-deu", "Diese Seite gibt es nicht"),
    ("belta-deu", "Leider konnten wir die Seite nicht finden"),
    ("belta-esp", "No se encuentra la página"),
    ("belta-esp", "Lo sentimos, no hemos encontrado la página"),
    ("belta-esp", "Página inexistente"),
    ("belta-pol", "Brak strony"),
    ("belta-pol", "Nie można znaleźć strony"),
    ("belta-chn", "抱歉，页面无法访问"),
    ("belta-chn", "该文章已下架"),
    ("belta-chn", "抱歉，您要查看的文章已被移除"),
]
EXCUSE = "<p>The page that you look for does not exist or was moved.</p><p>Try the search or go to the home page.</p>"


def page(name: str, heading: str, *, stamp: str = "", body: str = EXCUSE, title: str = "", dress: str = "") -> Article:
    dress = dress or "inner_content" if name in {"belta-chn", "belta-blr"} else dress or "js-mediator-article"
    main = f'<div class="content_margin">{stamp}<h1>{heading}</h1><div class="{dress}">{body}</div></div>'
    url = f"https://{edition(name).host}/society/view/an-invented-story-160001-2024/"
    return read_article(main, head=f"<title>{title}</title>", edition_name=name, url=url)


@pytest.mark.parametrize(("name", "heading"), HEADINGS)
def test_page_that_says_that_it_is_missing_is_no_article(name: str, heading: str) -> None:
    with pytest.raises(NotAnArticle, match=f"says that {KEY} does not exist"):
        page(name, heading)
    with pytest.raises(NotAnArticle):
        page(name, f"{heading} | BelTA", body="<p>Go to the home page.</p>")
    with pytest.raises(NotAnArticle):
        page(name, heading, stamp='<div class="date_full">23 November 2026, 12:00</div>')


@pytest.mark.parametrize("dress", ["text_block", "nothing", "inner_content"])
def test_missing_page_is_no_article_in_any_dress(dress: str) -> None:
    with pytest.raises(NotAnArticle):
        page("belta-eng", "Page not found", dress=dress)


def test_missing_page_without_a_word_is_no_article() -> None:
    with pytest.raises(NotAnArticle):
        page("belta-eng", "Page not found", body="")


def test_page_whose_few_words_say_that_it_is_missing_is_no_article() -> None:
    with pytest.raises(NotAnArticle):
        page("belta-eng", "Unfortunately", body="<p>This page does not exist.</p>")


def test_missing_page_is_a_soft_404_to_the_crawl() -> None:
    body = f'<div class="content_margin"><h1>Page not found</h1><div class="js-mediator-article">{EXCUSE}</div></div>'
    read_page = read(Reading(replace(snapshot(body.encode()), key=KEY), 1))
    assert (read_page.outcome, read_page.article) == ("soft-404", None)


@pytest.mark.parametrize(
    ("heading", "stamp", "body"),
    [
        ("Page not found", "", "<p>MINSK, 1 July (BelTA) – A play of this name has opened.</p>"),
        ("Page not found", "01 July 2024, 14:00", f"<p>{'A play of this name has opened. ' * 20}</p>"),
        ("Missing page of a manuscript found", "", "<p>It was in a mill.</p>"),
        ("404 ferries counted", "", "<p>They sail.</p>"),
        ("A page", "01 July 2024, 14:00", "<p>The page does not exist in other copies.</p>"),
    ],
)
def test_story_is_an_article_whatever_it_is_called(heading: str, stamp: str, body: str) -> None:
    stamp = stamp and f'<div class="date_full">{stamp}</div>'
    assert page("belta-eng", heading, stamp=stamp, body=body).headline == heading


@pytest.mark.parametrize(
    "headline",
    [
        "Новости недели",
        "Документы подписаны",
        "Материалы дела: удаленный доступ",
        "Навіны тыдня",
        "新闻",
        "Error in the registry found",
        "Die Seite der Stadt",
        "Página de historia",
        "Strona internetowa miasta",
        "",
        "—",
    ],
)
def test_headline_of_news_does_not_say_that_it_is_missing(headline: str) -> None:
    assert not says_missing(headline)
