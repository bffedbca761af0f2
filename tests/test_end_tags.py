"""End tags that the parser reads otherwise than browsers: the text comes out as a browser shows it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.html.markup import Excessive, mended, parse
from crawler.html.text import paragraphs, paragraphs_of
from tests.saved_pages import read_story


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("<div>In.</br>Out.</div>", ("In.\nOut.",)),
        ("<div>In.</BR>Out.</div>", ("In.\nOut.",)),
        ("<div>In.</br />Out.</div>", ("In.\nOut.",)),
        ("<div>In.</br clear=all>Out.</div>", ("In.\nOut.",)),
        ("<div>In.</br\n></br>Out.</div>", ("In.", "Out.")),
        ("<p>In.</br>Out.</p>", ("In.\nOut.",)),
        ("<ul><li>In.</br>Out.</ul>", ("In.\nOut.",)),
        ("In.<b>bold</br>words</b>", ("In.bold\nwords",)),
        ("In.</brave>Out.", ("In.Out.",)),
        ("<div>In.</p>Out.</div>", ("In.", "Out.")),
        ("<div>In.</P >Out.</div>", ("In.", "Out.")),
        ("<div>In.</p class=x>Out.</div>", ("In.", "Out.")),
        ("<p>In.</p></p>Out.</p>End.", ("In.", "Out.", "End.")),
        ("<p>In.<div>Out.</p>End.</div>", ("In.", "Out.", "End.")),
        ("<table><tr><td>In.</p>Out.</td></tr></table>", ("In.", "Out.")),
        ("<blockquote>In.</p>Out.</blockquote>", ("In.", "Out.")),
        ("<div><span>In.</p>Out.</span></div>", ("In.", "Out.")),
        ("In.</pre>Out.", ("In.Out.",)),
        ("<p title='a</p>b'>In.</p></p>Out.", ("In.", "Out.")),
    ],
)
def test_end_tag_without_a_start_breaks_as_in_a_browser(fragment: str, expected: Sequence[str]) -> None:
    assert paragraphs_of(fragment) == expected


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<html><body><p>In.</p></body><p>Out.</p></html>", ("In.", "Out.")),
        ("<html><body><p>In.</p></body></html><p>Out.</p>", ("In.", "Out.")),
        ("<html><body><p>In.</p></HTML><p>Out.</p></BODY></html>", ("In.", "Out.")),
        ("<p>In.</p></body ></html\n>Out.", ("In.", "Out.")),
        ("<body>In.</body> </html><html><body><p>Out.</p></body></html>", ("In.", "Out.")),
        ("<div><p>In.</p></body><p>Out.</p></div>", ("In.", "Out.")),
        ("<p>In.</p></html><script>x()</script><p>Out.</p>", ("In.", "Out.")),
        ("<p>In.</p></html><!-- </html> --><p>Out.</p>", ("In.", "Out.")),
        ("<!--> </body> --><p>Out.</p>", ("-->", "Out.")),
        ("<script>'</body>'</script><p>In.</p></html><p>Out.</p>", ("In.", "Out.")),
        ("<p title='</html>'>In.</p></html><p>Out.</p>", ("In.", "Out.")),
    ],
)
def test_words_behind_the_end_of_the_page_are_read(page: str, expected: Sequence[str]) -> None:
    assert paragraphs_of(page) == expected


@pytest.mark.parametrize(
    "page",
    [
        "<html><body><p>In.</p></body></html>",
        "<html><body><p>In.</p></body>\n</html>\n",
        "<p>In.</p></BODY></HTML><!-- cached --><script>count()</script> ",
        "<p>In.<br>Out.</p>",
        "<p>In.</p>",
        "",
    ],
)
def test_page_that_needs_no_mending_stays_byte_for_byte(page: str) -> None:
    body = page.encode()
    assert mended(body) is body


@pytest.mark.parametrize("text", ["<script>a('</br></p></body>')</script>", "<!-- </br></p></html> -->"])
def test_scripts_and_comments_are_left_alone(text: str) -> None:
    assert text in mended(f"{text}<p>In.</br>Out.</p>".encode()).decode()


def test_attributes_keep_what_looks_like_an_end_tag() -> None:
    root = parse(b"<p title='a</p>b</br>c</html>d'>In.</p></p></br></html>Out.")
    assert root is not None
    assert [p.get("title") for p in root.iter("p") if p.get("title")] == ["a</p>b</br>c</html>d"]


@pytest.mark.parametrize("count", [1, 99, 100, 101, 250, 3000])
@pytest.mark.parametrize("before", ["", "</span>" * 150, "</div>" * 99])
def test_stray_end_of_a_paragraph_breaks_however_many_there_are(count: int, before: str) -> None:
    words = [f"word{number}" for number in range(count + 1)]
    assert paragraphs_of(f"{before}<div>{'</p>'.join(words)}</div>") == tuple(words)


def test_stray_end_of_a_paragraph_breaks_in_a_page_nested_too_deep() -> None:
    words = " ".join(paragraphs_of("<div>" * 300 + "one</p>two</br>three")).split()
    assert words == ["one", "two", "three"]


def test_article_with_stray_end_tags_keeps_dateline_and_sentences() -> None:
    article = read_story("MINSK, 1 July (BelTA) – One.</p>Two.</br>Three.</body></html><p>Four.</p>")
    assert article.paragraphs == ("MINSK, 1 July (BelTA) – One.", "Two.\nThree.", "Four.")
    assert article.dateline == "MINSK, 1 July"


_ENDS = st.sampled_from(["</p>", "</br>", "</P>", "</body>", "</html>", "</p></p>", "</body></html>", "</br >"])
_OPEN = st.sampled_from(["", "<p>", "<div>", "<b>", "<table><tr><td>", "<ul><li>", "<span>"])


@given(st.lists(st.tuples(_OPEN, _ENDS), min_size=1, max_size=12))
@settings(max_examples=200)
def test_no_word_is_lost_or_moved_whatever_end_tags_stand_between(parts: list[tuple[str, str]]) -> None:
    words = [f"w{number} " for number in range(len(parts) + 1)]
    page = "".join(f"{opened}{word}{end}" for word, (opened, end) in zip(words, parts, strict=False)) + words[-1]
    assert " ".join(paragraphs_of(page)).split() == [word.strip() for word in words]


@pytest.mark.parametrize(
    "inner",
    [
        "a\x0bb",
        "a\ufffeb",
        "a\uffffb",
        "a&#11;b&#xfffe;&#xd800;",
        "<x\x0by z\x01='\x02'>",
        "<a:b c:d='e' 1=2 é=3>",
        "<p title='a\x0bb\ufffe'>",
    ],
)
def test_page_nested_too_deep_is_read_whatever_characters_it_has(inner: str) -> None:
    assert paragraphs_of("<div>" * 300 + inner + "words</div>")[-1].endswith("words")


# fmt: off
_PIECES = st.sampled_from([
    "<div>", "</div>", "<p>", "</p>", "</br>", "</body>", "</html>", "a\x0bb", "\ufffe", "<x:y>", "<z\x0b a\x01=1 2=3>",
    "&#11;", "&#xd800;", "<!--", "-->", "<script>", "</script>", "<table>", "<td>", "<?x?>", "<![CDATA[", "<svg>", "<",
])
# fmt: on


@example("<div>", 300, ["a\x0bb"])
@given(st.sampled_from(["<div>", "<b>", "<x:y>", "<ul><li>"]), st.integers(0, 320), st.lists(_PIECES, max_size=20))
@settings(max_examples=200)
def test_any_page_is_read_or_called_excessive(tag: str, depth: int, pieces: list[str]) -> None:
    with suppress(Excessive):
        root = parse(("".join(pieces) + tag * depth + "".join(pieces)).encode())
        assert root is None or isinstance(paragraphs(root), tuple)


@pytest.mark.parametrize(
    "piece",
    ["</p>a", "</br>", "</body>x", "</html>", "<!--", "<script>", '<a ="', "</p ", "</body ", "<p title='", "<"],
)
def test_much_of_any_end_tag_is_mended_in_time_that_grows_with_the_page(piece: str) -> None:
    began = time.process_time()
    with suppress(Excessive):
        parse((piece * (1_000_000 // len(piece))).encode())
    assert time.process_time() - began < 10  # a quarter of a second; quadratic work takes minutes
