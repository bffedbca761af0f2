"""Pages that lie about their encoding are read in the one that they are in, or kept as unreadable, never as garbage."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.html.charsets import is_misread
from crawler.reading import read
from crawler.records import Reading
from crawler.sites import edition
from tests.saved_pages import KEY, snapshot

TEXTS = {
    "ru": ("belta-rus", "Паромы пойдут ночью", "Министр заявил, что торговля расширится, и «всё» будет хорошо. " * 5),
    "be": ("belta-blr", "Паромы пойдуць уначы", "Міністр заявіў, што гандаль пашырыцца, і ўсё будзе добра. " * 5),
    "de": ("belta-deu", "Fähren fahren über Nacht", "„Schön“, sagte der Bürgermeister, „für größere Häfen“. " * 5),
    "es": ("belta-esp", "El río está más limpio", "Según el alcalde, “los niños nadarán mañana”. " * 5),
    "pl": ("belta-pol", "Promy będą kursować nocą", "Łódź wypłynęła o świcie, źródła mówią „tak”. " * 5),
    "zh": ("belta-chn", "渡轮今晚开航", "部长说贸易将扩大，一切都会好起来。" * 5),
    "en": ("belta-eng", "Ferry’s night", "“It sails,” the captain said – at night. " * 5),
}
HEAD = "/* " + "margin " * 1000 + "*/"  # longer than what is looked at first


def page(language: str, headline: str, body: str, *, told: str | None = "utf-8", named: bool = True) -> str:
    lang = f' lang="{language}"' if named else ""
    meta = f'<meta charset="{told}">' if told else ""
    return (
        f'<html{lang}><head>{meta}<style>{HEAD}</style></head><body><div class="content_margin"><h1>{headline}</h1>'
        f'<div class="date_full">03.02.2026 | 11:54</div>'
        f'<div class="js-mediator-article"><p>{body}</p></div></div></body></html>'
    )


def outcome(body: bytes, name: str, content_type: str | None = "text/html; charset=utf-8") -> Reading:
    url = f"https://{edition(name).host}/society/view/an-invented-story-160001-2024/"
    kept = snapshot(body, url=url, edition_name=name, content_type=content_type)
    return read(Reading(replace(kept, key=KEY), 1))


CODINGS = [("ru", "cp1251"), ("ru", "koi8-r"), ("ru", "cp866"), ("ru", "iso8859-5"), ("be", "cp1251"), ("de", "cp1252")]
CODINGS += [
    ("es", "cp1252"),
    ("pl", "cp1250"),
    ("pl", "iso8859-2"),
    ("en", "cp1252"),
    ("zh", "gb18030"),
    ("zh", "gb2312"),
]


@pytest.mark.parametrize("told", ["utf-8", "windows-1251", "koi8-r", "iso-8859-1", None])
@pytest.mark.parametrize(("language", "coding"), CODINGS)
def test_page_that_lies_about_its_encoding_is_read_in_the_true_one(
    language: str, coding: str, told: str | None
) -> None:
    name, headline, body = TEXTS[language]
    headline, body = (text.encode(coding, "ignore").decode(coding) for text in (headline, body))
    content_type = f"text/html; charset={told}" if told else "text/html"
    found = outcome(page(language, headline, body, told=told).encode(coding), name, content_type)
    assert found.article is not None
    assert (found.article.headline, found.article.text) == (headline, body.strip())


@pytest.mark.parametrize("told", ["windows-1251", "koi8-r", "iso-8859-1", "utf-8"])
@pytest.mark.parametrize("language", ["ru", "de", "pl"])
def test_page_in_utf8_is_read_so_whatever_it_calls_itself(language: str, told: str) -> None:
    name, headline, body = TEXTS[language]
    found = outcome(page(language, headline, body, told=told).encode(), name, f"text/html; charset={told}")
    assert found.article is not None
    assert (found.article.headline, found.article.text) == (headline, body.strip())


@pytest.mark.parametrize("coding", ["cp1251", "koi8-r", "cp866", "iso8859-5", "utf-16-le"])
@pytest.mark.parametrize("told", ["utf-8", "windows-1251", "koi8-r", "iso-8859-1", "utf-16"])
def test_page_that_names_no_language_is_never_an_article_of_other_signs(coding: str, told: str) -> None:
    name, headline, body = TEXTS["ru"]
    headline, body = (text.encode(coding, "ignore").decode(coding) for text in (headline, body))
    lying = page("ru", headline, body, told=told, named=False).encode(coding)
    found = outcome(lying, name, f"text/html; charset={told}")
    if found.article is not None:
        assert (found.article.headline, found.article.text) == (headline, body.strip())
    else:
        assert found.outcome in {"unreadable", "unrecognised"}


@pytest.mark.parametrize("told", ["utf-8", "windows-1251", "koi8-r", "iso-8859-1"])
def test_chinese_page_that_names_no_language_and_denies_its_encoding_is_no_article(told: str) -> None:
    text = page("zh", "渡轮今晚开航", "部长说贸易将扩大，一切都会好起来。" * 10, told=told, named=False)
    found = outcome(text.encode("gb18030"), "belta-chn", f"text/html; charset={told}")
    assert (found.outcome, found.article) == ("unreadable", None)


@pytest.mark.parametrize("part", ["headline", "body"])
def test_article_of_replacement_characters_is_unreadable(part: str) -> None:
    headline, body = (
        ("\ufffd" * 6 if part == "headline" else "Ferry"),
        ("\ufffd\ufffd x " * 40 if part == "body" else "Words. " * 900),
    )
    found = outcome(page("en", headline, body).encode(), "belta-eng")
    assert (found.outcome, found.article) == ("unreadable", None)


def test_page_is_judged_by_what_is_read_and_not_by_its_head() -> None:
    noise = bytes(range(128, 256)) * 40
    body = (
        page("en", "Ferry", "Words of the story. " * 20)
        .encode()
        .replace(b"<style>", b"<script>" + noise + b"</script><style>")
    )
    found = outcome(body, "belta-eng")
    assert found.article is not None
    assert found.article.headline == "Ferry"


def test_broken_byte_here_and_there_costs_a_character() -> None:
    name, headline, body = TEXTS["ru"]
    lying = page("ru", headline, body).encode().replace("Министр".encode(), "Министр".encode()[:-1], 1)
    found = outcome(lying, name)
    assert found.article is not None
    assert found.article.text.startswith("Минист\ufffd заявил")


@pytest.mark.parametrize("language", ["ru", "be", "zh"])
def test_foreign_letters_in_a_story_are_no_sign_of_a_lie(language: str) -> None:
    name = {"ru": "Паром «Änne»", "be": "Паром «Änne»", "zh": "渡轮 Änne"}[language]
    assert not is_misread(f"{name}. " * 50, language)
    assert not is_misread("ПАРОМЫ", language)
    assert not is_misread("Words in English, “quoted” – and so on. " * 50, language)


@given(
    st.binary(max_size=300),
    st.sampled_from(["utf-8", "windows-1251", "koi8-r", "utf-16", "gb2312"]),
    st.sampled_from(["ru", "en", "pl"]),
)
@settings(max_examples=150)
def test_no_bytes_give_an_article_of_replacement_characters(body: bytes, told: str, language: str) -> None:
    before, _, after = page(language, "HEAD", "BODY", told=told).encode().partition(b"BODY")
    found = outcome(before + body + after, "belta-eng", f"text/html; charset={told}")
    if found.article is not None:
        assert found.article.text.count("\ufffd") <= max(1, 0.05 * len(found.article.text))
