"""Kept pages made harmless: whatever a page holds, what is shown of it is words in elements that can do nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from storage.web.sanitize import MAX_ELEMENTS, SanitizedPage, sanitize
from tests.saved_pages import SavedPage, document, saved_pages

PAGES = saved_pages("belta")


def named(names: str) -> list[str]:
    return names.split()


# What a test believes to be harmless, said independently of the code. Nothing here loads, runs, submits or leads away.
TAG = re.compile(r'</?[a-z][a-z0-9]*(?: [a-z]+="[^"<>]*")*>')
TAGS = named(
    """
    a abbr address article aside b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt
    em fieldset figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i ins kbd legend li main mark nav ol p
    pre q rp rt ruby s samp section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var
    wbr
    """
)
ATTRIBUTES = named(
    """
    align class colspan datetime dir hidden lang open reversed rowspan scope start style title type valign value
    """
)
STYLE = re.compile(r"[a-z-]+:[a-z0-9#%.,() +-]+(?:;[a-z-]+:[a-z0-9#%.,() +-]+)*")
CLASSES = {"address", "field", "picture"}


class Strict(HTMLParser):
    """Reads what came out and accepts nothing but what is named above."""

    def __init__(self, page: SanitizedPage) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.feed(page.markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        given = dict(attrs)
        assert set(given) <= set(ATTRIBUTES), given
        assert given.get("class", "field") in CLASSES
        style = given.get("style") or "a:b"
        assert STYLE.fullmatch(style), style
        assert not re.search(r"url|image|expression|script|behaviou?r|binding", style), style
        assert "(" not in re.sub(r"rgba?\(", "", style), style

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)


def made(markup: str | bytes, content_type: str | None = "text/html; charset=utf-8") -> SanitizedPage:
    return sanitize(document(markup, content_type=content_type))


def words(page: SanitizedPage) -> str:
    """The text of a page, read strictly in three ways: by its tags, by Python's parser and by libxml2's."""
    left = TAG.sub("", page.markup)
    assert "<" not in left
    assert ">" not in left
    tree = html.fromstring(f"<div>{page.markup}</div>")
    assert {element.tag for element in tree.iter()} <= {*TAGS, "html", "body"}
    assert {name for element in tree.iter() for name in element.attrib} <= set(ATTRIBUTES)
    return " ".join(" ".join(Strict(page).words).split())


VOID = named("area base br col embed frame hr img input link meta param source track wbr object portal applet select")
FILLING = "words " * 20  # a page of control characters alone is no text, and never shown

HOSTILE = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//a.example/x.js></SCRIPT>",
    "<script/x>alert(1)</script\n>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<svg:script>alert(1)</svg:script>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)//",
    "<body onload=alert(1) background=//a.example/x>",
    "<svg onload=alert(1)><use href='data:image/svg+xml,<svg id=x>#x'/><animate attributeName=href to=javascript:a()>",
    "<svg><a xlink:href='javascript:alert(1)'><text>click</text></a><foreignObject><iframe srcdoc='<script>'>",
    "<svg><style>@import url(//a.example/);</style><image href=//a.example/x></svg>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math href=javascript:alert(1)><maction actiontype=statusline xlink:href=javascript:a()>x</maction></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<textarea></textarea><script>alert(1)</script>",
    "<title></title><script>alert(1)</script>",
    "<xmp><p title='</xmp><svg/onload=alert(1)>'></xmp>",
    "<plaintext><script>alert(1)</script>",
    "<noembed><script>alert(1)</script></noembed><noframes><script>x</script></noframes>",
    "<!--><script>alert(1)</script>--><!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]><?xml-stylesheet href='javascript:alert(1)'?>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'><meta http-equiv=Set-Cookie content=a=b>",
    "<base href='javascript://a.example/'><base target=_top><link rel=stylesheet href=//a.example/>",
    "<link rel=preload as=script href=//a.example/><link rel=dns-prefetch href=//a.example><link rel=import href=x>",
    "<a href='java&#10;script:alert(1)'>x</a><a href=' &#1;javascript:alert(1)'>y</a><a href=vbscript:x>z</a>",
    "<a href='data:text/html,<script>alert(1)</script>' ping=//a.example/ target=_top download>d</a>",
    "<area href=javascript:alert(1)><map name=m><area shape=rect href=javascript:a()></map>",
    "<form action=javascript:alert(1)><input name=q autofocus onfocus=alert(1)><button formaction=javascript:a()>Go",
    "<input type=image src=//a.example/x><isindex action=javascript:a()><keygen autofocus onfocus=a()>",
    "<iframe src=javascript:alert(1)></iframe><iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<frameset onload=alert(1)><frame src=javascript:alert(1)></frameset>",
    "<object data=javascript:alert(1)><embed src=//a.example/x.swf><applet code=x><param name=movie value=//a.example>",
    "<portal src=//a.example/ onactivate=a()></portal><fencedframe></fencedframe><webview src=x></webview>",
    "<video poster=//a.example/x onloadstart=a()><source src=//a.example/x onerror=a()><track src=//a.example/x>",
    "<audio src=//a.example/x autoplay oncanplay=a()>",
    "<picture><source srcset='//a.example/x 1x, //b.example/y 2x'><img srcset='//a.example/z 2x'></picture>",
    "<p style='background:url(//a.example/x)'>a</p><p style='width:expression(alert(1))'>b</p>",
    "<p style='color:red;\\62 ackground:u\\72l(//a.example/)'>c</p><p style='list-style:url(//a.example/)'>d</p>",
    "<p style='-moz-binding:url(//a.example/x)'>e</p><p style='behavior:url(x)'>f</p><p style='color:/**/red'>g</p>",
    "<p style='position:fixed;inset:0;z-index:9'>h</p><p style=\"color:red}</style><script>alert(1)</script>\">i</p>",
    "<style>@import '//a.example/';body{background:url(//a.example/)}</style><style></style ><script>a()</script>",
    "<details ontoggle=alert(1) open>x</details><dialog open onclose=a()><marquee onstart=alert(1)>y</marquee>",
    "<p popover id=x></p><button popovertarget=x>z</button><div contenteditable onbeforeinput=a()>e</div>",
    "<p id=content class=masthead name=body slot=s is=x-y accesskey=x tabindex=1>q</p><x-y onclick=a()>w</x-y>",
    "<p title='\"><script>alert(1)</script>' lang='en\" onclick=\"a()'>t</p>",
    "<table background=//a.example/x><tr><td background=//a.example/y colspan=99999 rowspan=1e9>c</table>",
    "<img src=\"data:image/svg+xml,<svg onload=alert(1)>\"><img alt='<script>alert(1)</script>' src='&quot;><script>'>",
    "<p onclick\x00=alert(1)>\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<select><style></select><img src=x onerror=alert(1)></style></select><option><script>alert(1)</script>",
    "<a href=http://[>bad</a><a href='//\u202eelpmaxe.a/'>turned</a>",
    "<div><<<img src=x onerror=alert(1)>>></div>",
)


@pytest.mark.parametrize("tag", VOID)
def test_what_libxml2_puts_into_an_element_without_an_end_is_shown(tag: str) -> None:
    assert words(made(f"<p>before</p><div><{tag} src=/x>after<p>end</p></div>")).endswith("after end")


@pytest.mark.parametrize("markup", HOSTILE)
def test_hostile_markup_leaves_words_in_harmless_elements(markup: str) -> None:
    assert words(made(f"<h1>Above</h1>{FILLING}{markup}")).startswith(f"Above {FILLING.strip()}")


NAMES = st.sampled_from(
    named(
        """
    a b base body button div details form frame head html iframe img input link math meta noscript object option p
    plaintext pre script select span style svg svg:script table td template textarea title use x-y xmp
        """
    )
)
ACTIVE = ("javascript:alert(1)", "//a.example/", "url(//a.example/)", "color:red", "'", '"', "\u202e", "]]>")
VALUES = st.one_of(
    st.sampled_from(
        ("javascript:alert(1)", "//a.example/", "url(//a.example/)", "color:red", "'", '"', "\u202e", "]]>")
    ),
    st.text(max_size=12),
)
HEADS = st.sampled_from(
    named(
        """
    alt class colspan content dir hidden href http-equiv id lang onclick onload ping src srcdoc srcset style title
    value xlink:href xmlns
        """
    )
)
PIECES = st.one_of(
    st.sampled_from(HOSTILE),
    st.builds("<{} {}={}>".format, NAMES, HEADS, VALUES),
    st.builds("<{} {}='{}'/>".format, NAMES, HEADS, VALUES),
    st.builds("</{}>".format, NAMES),
    st.sampled_from(("<!--", "-->", "<![CDATA[", "]]>", "<?", "&lt;", "&#x3c;", "<", ">", "\x00", "</", "&")),
    st.text(max_size=20),
)


@settings(max_examples=150)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_nothing_active_survives_however_the_pieces_fall(markup: str) -> None:
    assert words(made(f"<p>{FILLING * 10}{markup}")).startswith("words words")


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-7", "text/html; charset=utf-7"),
        ("utf-7", "text/html"),
        ("utf-16", "text/html"),
        ("utf-16-le", "text/html; charset=utf-16le"),
        ("cp1251", "text/html; charset=windows-1251"),
        ("shift_jis", "text/html; charset=shift_jis"),
        ("iso2022_jp", "text/html; charset=iso-2022-jp"),
        ("cp037", "text/html; charset=cp037"),
        ("utf-8", "text/html; charset=no-such"),
    ],
)
def test_a_script_in_any_encoding_stays_out(encoding: str, content_type: str) -> None:
    page = made("<p>harvest</p><script>alert(1)</script><p onclick=alert(1)>done</p>".encode(encoding), content_type)
    assert "<script" not in page.markup
    assert words(page)


@pytest.mark.parametrize("saved", PAGES, ids=lambda saved: saved.name)
def test_every_word_that_readers_saw_is_shown(saved: SavedPage) -> None:
    page = sanitize(saved.document)
    shown = words(page)
    assert [word for word in Seen(saved.body.decode()).words if word not in shown] == []
    assert page.whole


class Seen(HTMLParser):
    """The runs of text of a page as a browser that runs scripts shows them."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._unseen = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen = self._unseen or (tag if tag in {"script", "style", "noscript", "title", "iframe"} else "")
        self.words += [" ".join(value.split()) for name, value in attrs if (tag, name) == ("img", "alt") and value]

    def handle_endtag(self, tag: str) -> None:
        self._unseen = "" if tag == self._unseen else self._unseen

    def handle_data(self, data: str) -> None:
        if not self._unseen and data.strip():
            self.words.append(" ".join(data.split()))


def test_what_was_taken_out_is_counted() -> None:
    page = made(
        "<title>Head &amp; tail</title><link rel=stylesheet href=/a.css><style>p{}</style><script>x</script>"
        "<meta http-equiv=Refresh content=0><base href=//a.example><noscript>n</noscript><template>t</template>"
        "<form onsubmit=a()><input><input type=hidden></form><a href=/b>b</a><a href=#>c</a><p style='position:fixed'>"
        "<img src=a.jpg><img width=1 height=1 src=//count.example><iframe src=//v.example></iframe>"
    )
    assert page.title == "Head & tail"
    assert page.taken == {
        "style sheet": 2,
        "script": 1,
        "redirection": 1,
        "base link": 1,
        "noscript part": 1,
        "template": 1,
        "event handler": 1,
        "form": 1,
        "form field": 2,
        "link": 2,
        "style": 1,
        "picture": 1,
        "invisible picture": 1,
        "embedded page": 1,
    }


def test_a_link_is_its_words_and_says_where_it_led() -> None:
    body = "<a href='/tags/ferry/'>ferries</a> <a href='javascript:x()'>more</a> <a name=top>top</a>"
    assert made(body).markup.startswith('<a title="https://eng.belta.by/tags/ferry/">ferries</a> ')
    shown = words(sanitize(document(body), addresses=True))
    assert shown == "ferries https://eng.belta.by/tags/ferry/ more javascript:x() top"


def test_addresses_hang_on_the_base_of_the_page() -> None:
    assert 'title="https://a.example/b/c"' in made("<base href=//a.example/b/><a href=c>c</a>").markup
    assert "https://eng.belta.by/c" in made("<base href='http://['><a href=/c>c</a>").markup


def test_a_picture_is_its_caption_and_address() -> None:
    page = made("<img src=/i/ferry.jpg alt='A <ferry>'><img data-src=/lazy.jpg src=><amp-img src=/amp.jpg></amp-img>")
    said = "Picture A <ferry> https://eng.belta.by/i/ferry.jpg Picture https://eng.belta.by/lazy.jpg Picture "
    assert words(page) == f"{said}https://eng.belta.by/amp.jpg"


def test_an_address_with_a_picture_in_it_is_cut() -> None:
    page = made(f"<img src='data:image/png;base64,{'A' * 5000}'>")
    assert "… (5,022 characters)" in words(page)
    assert len(page.markup) < 500


def test_fields_show_what_stood_in_them() -> None:
    page = made(
        "<input placeholder=Search><input value=yes><input type=password value=no><textarea>note</textarea>"
        "<select><option>Mon<option selected>Tue</select><button>Go</button>"
    )
    assert words(page) == "Search yes note Tue Go"


def test_what_colours_and_sets_text_stays() -> None:
    page = made(
        "<p style='COLOR: Red; text-align:center; top:0; color: rgb(1, 2, 3)!important' align=center title=T lang=be>x"
        "<table><td colspan=2 rowspan=99999 valign=top>c</td></table><ol start=3 type=a><li value=7>i</ol>"
    )
    assert (
        '<p style="color:red;text-align:center;color:rgb(1, 2, 3)" align="center" title="T" lang="be">' in page.markup
    )
    assert '<td colspan="2" valign="top">' in page.markup
    assert '<ol start="3" type="a"><li value="7">' in page.markup


def test_elements_of_other_times_look_as_they_did() -> None:
    assert made("<center><font color=red><tt>x</tt></font></center>").markup == "<div><span><code>x</code></span></div>"


def test_a_page_of_very_many_elements_is_shown_as_far_as_it_goes() -> None:
    page = made("<ul>" + "<li>item" * (MAX_ELEMENTS + 10) + "</ul>")
    assert not page.whole
    assert words(page).count("item") == MAX_ELEMENTS - 3  # html, body, ul
    assert page.markup.endswith("</ul>")


def test_a_page_nested_without_end_is_shown() -> None:
    assert words(made("<div>" * 5000 + "deep")) == "deep"
