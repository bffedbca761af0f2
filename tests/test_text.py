"""HTML fragment -> clean paragraphs: no word lost, none doubled, none glued."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.html.markup import MAX_ATTRIBUTES, Element, Excessive, parse
from crawler.html.text import clean, line, paragraphs, paragraphs_of
from crawler.sites.belta.furniture import NOISE

BLOCK_TAGS = ("p", "div", "li", "blockquote", "h2", "section", "td")
INLINE_TAGS = ("b", "i", "a", "span", "font", "unknown-element")


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("Bare text", ("Bare text",)),
        ("<p>One</p><p>Two</p>", ("One", "Two")),
        ("<p>One<p>Two", ("One", "Two")),
        ("<div>Grain.</div>The miller spoke.", ("Grain.", "The miller spoke.")),
        ("One<div>two<div>three</div></div>four", ("One", "two", "three", "four")),
        ("<div><div><div>Once</div></div></div>", ("Once",)),
        ("<p>Gr<b>ai</b>n and <a href='/x'>bread</a>.</p>", ("Grain and bread.",)),
        ("<ul><li>a</li><li>b</li></ul><ol><li>c</ol>", ("a", "b", "c")),
        ("<h2>Head</h2>Body", ("Head", "Body")),
        ("<blockquote>Said<p>so</p></blockquote>", ("Said", "so")),
        ("<table><tr><th>Town<td>Rain<tr><td>Brest<td>5", ("Town Rain", "Brest 5")),
        ("<table><tr><th>Town</th><td>Rain</td></tr><tr><td>Brest</td></tr></table>", ("Town Rain", "Brest")),
        ("One<br>line<br><br>Two<br> <br/>&nbsp;<br>Three", ("One\nline", "Two", "Three")),
        ("<br><br>One<br>", ("One",)),
        ("<p>&nbsp;</p><p> \n </p><div></div>", ()),
        ("a<script>b</script>c<style>d</style><!-- e -->f<noscript>g</noscript><template>h</template>", ("acf",)),
        ("<iframe>x</iframe><textarea>y</textarea><svg><text>z</text></svg>", ()),
        ("", ()),
        ("\x00", ()),
    ],
)
def test_fragment_reads_as_people_see_it(fragment: str, expected: Sequence[str]) -> None:
    assert paragraphs_of(fragment) == expected


@pytest.mark.parametrize(
    "space", ["\u00a0", "\u2009", "\u202f", "\u3000", "\ufffe", "\t", "\r\n", "\u2003", "&thinsp;"]
)
def test_every_kind_of_space_is_a_space(space: str) -> None:
    assert paragraphs_of(f"<p>{space}27{space}June{space}{space}2024</p>") == ("27 June 2024",)


@pytest.mark.parametrize("invisible", ["\u00ad", "\u200b", "\ufeff", "\u2060", "&shy;"])
def test_invisible_characters_do_not_divide_words(invisible: str) -> None:
    assert paragraphs_of(f"<p>har{invisible}vest</p>") == ("harvest",)


def test_joiners_that_letters_need_are_kept() -> None:
    assert clean("می\u200cخواهم 👩\u200d🌾") == "می\u200cخواهم 👩\u200d🌾"


def tree(fragment: str) -> Element:
    root = parse(fragment.encode())
    assert root is not None
    return root


def read(fragment: str) -> tuple[str, ...]:
    return paragraphs(tree(fragment), NOISE)


@pytest.mark.parametrize(
    "noise",
    [
        '<div class="invite_in_messagers">Follow us on: <a href="#">X</a></div>',
        '<div class="news_tags_block"><a>Tag</a></div>',
        '<div class="news_tags">Tag</div>',
        '<div class="video_add wide">Video</div>',
        '<div class="advertising_block">Buy</div>',
        '<div class="yandex_share_print">Share</div>',
        '<div class="news_accent_block">Accent</div>',
        '<div class="fp_block"><h3>Read also</h3></div>',
        '<a title="Добавить БЕЛТА в избранное" href="#">Add</a>',
        "<figure><img><figcaption>Caption</figcaption></figure>",
        "<picture><img></picture>",
        "<script>x()</script>",
    ],
)
def test_noise_goes_and_what_stands_around_it_stays(noise: str) -> None:
    assert " ".join(read(f"<div>Before {noise} after</div>")) == "Before after"


def test_linked_words_are_no_noise() -> None:
    assert read('<p>The <a href="/x" title="Mill">mill</a> stands.</p>') == ("The mill stands.",)


def test_class_that_only_looks_like_noise_is_read() -> None:
    assert read('<div class="my_news_tags video_added">Words</div>') == ("Words",)


def test_element_itself_is_read_even_if_its_kind_is_noise() -> None:
    block = tree('<div class="fp_block">Words</div>tail').find(".//div")
    assert paragraphs(block, NOISE) == ("Words",)


def test_text_behind_the_element_is_not_its_own() -> None:
    assert paragraphs(tree("<p>One <b>bold</b> tail</p>").find(".//b")) == ("bold",)


def test_line_is_all_words_on_one_line() -> None:
    assert line(tree("<div>One<br>two</div><div>three</div>")) == "One two three"


@pytest.mark.parametrize("tag", ["div", "b", "span", "blockquote", "ul"])
def test_body_nested_ten_thousand_deep_is_read(tag: str) -> None:
    deep = f"<{tag}>down " * 10_000 + f"bottom </{tag}>up " * 10_000 + "<p>end</p>"
    words = " ".join(paragraphs_of(deep)).split()
    assert words == ["down"] * 10_000 + ["bottom", "up"] * 10_000 + ["end"]


def test_script_ten_thousand_deep_is_still_a_script() -> None:
    assert paragraphs_of("<div>" * 10_000 + "<script>code()</script>words") == ("words",)


def test_markup_that_is_an_attack_is_refused() -> None:
    with pytest.raises(Excessive, match="100,000"):
        paragraphs_of("<b>" * 100_001)


@pytest.mark.parametrize(
    "attribute",
    [
        " a{0}",
        " a{0}=1",
        "/a{0}",
        " a{0}='>'",
        ' a{0} = "<b>"',
        "a{0}=''",
        ' a{0}"',
        " =a{0} =b{0}",
        " <a{0}",
        " a{0}=\n'<\">'",
    ],
)
def test_a_tag_with_attributes_without_end_is_an_attack_however_they_are_written(attribute: str) -> None:
    tag = "<p x" + "".join(attribute.format(number) for number in range(MAX_ATTRIBUTES + 10)) + ">end</p>"
    with pytest.raises(Excessive, match=r"a tag with more than 5,000 attributes"):
        parse(f"<p>Ferry</p>{tag}".encode())


def test_many_attributes_of_many_tags_are_none() -> None:
    tags = "".join(f'<p id="{number}" title=">{number}" class=a lang="en">word</p>' for number in range(MAX_ATTRIBUTES))
    text = "<p>" + "is a < b or = ' c " * MAX_ATTRIBUTES + "</p>"
    assert len(paragraphs_of(tags + text)) == MAX_ATTRIBUTES + 1


_WORDS = st.from_regex(r"[a-z]{1,6}", fullmatch=True)


@st.composite
def _markup(draw: st.DrawFn, depth: int = 3) -> tuple[str, list[str]]:
    """Random markup, and its words as a reader sees them: one for each run of inline text."""
    html: list[str] = []
    seen: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(("text", "block", "split", "noise") if depth else ("text", "split")))
        word = draw(_WORDS)
        if kind == "text":
            html.append(f" {word} ")
            seen.append(word)
        elif kind == "split":  # a word with markup in the middle is one word
            tag = draw(st.sampled_from(INLINE_TAGS))
            html.append(f" {word}<{tag}>{word}</{tag}>{word} ")
            seen.append(word * 3)
        elif kind == "noise":
            html.append(f"<script>{word}</script><!-- {word} -->")
        else:
            tag = draw(st.sampled_from(BLOCK_TAGS))
            inner, words = draw(_markup(depth - 1))
            inner = re.sub("<(/?)p>", r"<\1div>", inner) if tag in {"p", "h2"} else inner
            opened = tag if tag not in {"p", "h2", "td"} else "div"
            html.append(f"<{opened}>{inner}</{opened}>")
            seen += words
    return "".join(html), seen


@given(_markup())
@settings(max_examples=150)
def test_no_visible_word_is_lost_doubled_or_moved(made: tuple[str, list[str]]) -> None:
    html, words = made
    assert " ".join(paragraphs_of(f"<div>{html}</div>")).split() == words


@given(st.lists(st.tuples(st.sampled_from(("p", "div", "li", "h3")), _WORDS), min_size=1, max_size=8))
@settings(max_examples=60)
def test_blocks_without_space_between_are_paragraphs_of_their_own(blocks: list[tuple[str, str]]) -> None:
    html = "".join(f"<{tag}>{word}.</{tag}>" for tag, word in blocks)
    assert paragraphs_of(html) == tuple(f"{word}." for _, word in blocks)


@given(st.text(alphabet=st.sampled_from("<>/!-=\"'& abpdivrst\n\u00a0\u2028\ufffe\ud800"), max_size=300))
@settings(max_examples=200)
def test_any_text_gives_clean_paragraphs_and_never_fails(text: str) -> None:
    for paragraph in paragraphs_of(text):
        assert paragraph
        assert all(clean(printed) == printed for printed in paragraph.split("\n"))


@given(st.text(max_size=200))
@settings(max_examples=150)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert "  " not in once
    assert once == once.strip()


@pytest.mark.parametrize("mark", ["\ufdd0", "\ufdd1", "\ufdd2", "\ufdd2\ufdd1"])
def test_noncharacters_of_a_page_mean_nothing(mark: str) -> None:
    page = f"<p>One {mark}more.</p><p>{mark}</p><p>Two {mark}three<br>four.</p>"
    assert paragraphs_of(page) == ("One more.", "Two three\nfour.")
