"""Pages that say, with status 200 and in an article's dress, that there is no such article."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from crawler.html.document import Document
from crawler.html.text import clean
from crawler.sites.belta.datelines import read_dateline
from crawler.sites.belta.furniture import without_site_name
from crawler.sites.extraction.page import words

_LONGEST: Final = 120  # characters of a heading that says so; one of news may be longer
_SHORTEST_STORY: Final = 500  # characters
_MAX_TEXTS: Final = 10

# What is missing and what is said of it, in the languages of the editions: some leave such pages untranslated.
_SAYS_SO: Final = re.compile(
    r"\b(?:page|url|article|news|story|document|publication|material|file|item|post|address|record)s?\b[^.!?]{0,40}"
    r"(?:\bnot|n[’']t|\bno longer) (?:be )?(?:found|exists?|available)\b|"
    r"\b(?:page|article|story|document|material|item|post)\b[^.!?]{0,20}\b(?:removed|deleted|missing|unavailable)\b|"
    r"\b(?:can(?:no|[’'])t|could(?: not|n[’']t)|unable to|did(?: not|n[’']t)) find (?:that|the|this|your)\b[^.!?]{0,20}"
    r"\b(?:page|article|story|document)\b|\binvalid (?:address|url|link)\b|"
    r"\bnothing (?:was )?found\b|\bno such (?:page|article|story|news|document|material)\b|"
    r"\b(?:страниц|стать|новост|материал|документ|публикаци|запис)\w{0,4}\b[^.!?]{0,40}"
    r"\b(?:не найден|не существу|не обнаруж|удал[её]н[аоы]?\b|снят[аоы]? с публикации|недоступ|отсутству)|"
    r"\b(?:не (?:удалось |смогли |можем )?(?:нашли|найти|нашлось))\b[^.!?]{0,30}"
    r"\b(?:страниц|стать|новост|материал|документ)|"
    r"\bтакой страницы\b|\bнет так(?:ой|ого) (?:страниц|стать|новост|материал|документ)|\bничего не (?:найден|нашл)|"
    r"\b(?:старонк|артыкул|навін|матэрыял|дакумент|публікацы)\w{0,4}\b[^.!?]{0,40}"
    r"\b(?:не знойдзен|не існуе|выдален|недаступ|адсутніча)|\bтакой старонкі\b|\bнічога не знойдзен|"
    r"\bне (?:удалося |змаглі )?(?:знайшлі|знайсці)\b[^.!?]{0,30}\b(?:старонк|артыкул|навін|матэрыял|дакумент)|"
    r"\b(?:seite|artikel|nachricht|beitrag|dokument)\w{0,3}\b[^.!?]{0,40}"
    r"\b(?:nicht (?:gefunden|vorhanden|verfügbar|mehr|finden)|gibt es nicht|existiert nicht|gelöscht|entfernt)\b|"
    r"\bnichts gefunden\b|"
    r"\b(?:p[áa]gina|artículo|noticia|documento|contenido)s?\b[^.!?]{0,40}"
    r"\b(?:no (?:(?:se|ha|fue|sido|está) ){0,3}(?:encontrad|encuentra|existe|disponible)|eliminad|inexistente)|"
    r"\bno (?:(?:se|ha|hemos|pudo|pudimos|podemos|puede) ){0,3}(?:encontr(?:ó|ado|ar)|encuentra)\b[^.!?]{0,20}"
    r"\b(?:p[áa]gina|artículo|noticia)|\bnada encontrado\b|"
    r"\b(?:stron|artykuł|wiadomoś|dokument|materiał)\w{0,3}\b[^.!?]{0,40}"
    r"\b(?:nie (?:został[ao]? )?(?:znalezion|odnalezion|istnieje)|usunięt|niedostępn)|"
    r"\bnie (?:znaleziono|odnaleziono|ma takiej|można (?:znaleźć|odnaleźć)|udało się znaleźć) \w{0,12}|"
    r"\bbrak (?:strony|artykułu|wyników)\b|"
    r"(?:页面|网页|该页|文章|新闻|内容)[^。！？]{0,20}(?:不存在|未找到|没有找到|找不到|删除|移除|下架|无法访问|无法显示|不见了)|"
    r"(?:找不到|未找到|没有找到|无法找到)[^。！？]{0,10}(?:页面?|网页|文章|内容)",
    re.IGNORECASE,
)
# "404", "Error 404", "Not found" and the like, alone.
_ALONE: Final = re.compile(
    r"\W{0,5}(?:(?:http|error|ошибка|памылка|fehler|błąd|错误|页面)\W{0,3})?(?:404)?\W{0,5}"
    r"(?:error|ошибка|not found|не найден[оа]?|не знойдзен[аы]?|nicht gefunden|no encontrad[oa]|nie znaleziono|"
    r"错误|未找到)?"
    r"\W{0,5}",
    re.IGNORECASE,
)


def says_missing(text: str) -> bool:
    """Whether a heading says that a page is not there.

    >>> says_missing("Page not found"), says_missing("404"), says_missing("Missing page of a manuscript found")
    (True, True, False)
    """
    text = without_site_name(text[: 2 * _LONGEST])
    if len(text) > _LONGEST or not any(map(str.isalnum, text)):
        return False
    return _SAYS_SO.search(text) is not None or _ALONE.fullmatch(text) is not None


def is_missing(document: Document) -> bool:
    """Whether any of a page's headings says that it is not there. Asked of pages that are no article otherwise."""
    return any(map(says_missing, headings_of(document)))


def headings_of(document: Document) -> list[str]:
    """The headlines of a page and its title."""
    head = document.root.find("head")
    titles = [] if head is None else head.findall("title")[:1]
    texts = [words(element) for element in document.headings[:_MAX_TEXTS]]
    return [*texts, *(clean(title.text or "") for title in titles), clean(document.meta("og:title") or "")]


def is_missing_story(headline: str, paragraphs: Sequence[str], language: str, *, dated: bool) -> bool:
    """Whether what was read of an article says that there is none: its headline, or its few words where the page has
    no date. A story that opens with a dateline, or a long one with a date, is one whatever its headline says.
    """
    if paragraphs and read_dateline(paragraphs[0], language):
        return False
    short = sum(map(len, paragraphs)) < _SHORTEST_STORY
    if says_missing(headline):
        return short or not dated
    return short and not dated and any(map(says_missing, paragraphs[:_MAX_TEXTS]))
