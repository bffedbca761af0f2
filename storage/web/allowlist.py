"""What an archived page may still say when it is shown: elements, attributes and styles that can do nothing.

All of it is lists of what is let through. What browsers learn to do tomorrow is not on them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from crawler.html.markup import Element

# fmt: off
WRITTEN: Final = frozenset(
    {
        "abbr", "address", "article", "aside", "b", "bdi", "bdo", "blockquote", "caption", "cite", "code", "col",
        "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "fieldset", "figcaption", "figure",
        "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "i", "ins", "kbd", "legend", "li", "main",
        "mark", "nav", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "small", "span", "strong",
        "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var",
    }
)
# fmt: on
"""Elements that are written with their text. Those not named anywhere here lose their tag and keep their text."""

EMPTY: Final = frozenset({"br", "hr", "wbr"})
"""Elements that are written without an end."""

# fmt: off
VOID: Final = frozenset(
    {
        "applet", "area", "base", "col", "embed", "frame", "image", "img", "input", "link", "meta", "object",
        "param", "portal", "select", "source", "track", *EMPTY,
    }
)
# fmt: on
"""Elements with nothing in them for a browser, or only what it shows all the same. libxml2 puts the rest of the page
into some of them, so what they hold is written even where they are not.
"""

RENAMED: Final = {
    "big": "span",
    "button": "span",
    "center": "div",
    "dir": "ul",
    "font": "span",
    "label": "span",
    "listing": "pre",
    "menu": "ul",
    "plaintext": "pre",
    "search": "div",
    "strike": "s",
    "tt": "code",
    "xmp": "pre",
}
"""Elements that are written as another that looks like them and does less."""

UNSEEN: Final = {
    "annotation": "",
    "annotation-xml": "",
    "base": "base link",
    "datalist": "",
    "defs": "",
    "desc": "",
    "link": "",
    "meta": "",
    "metadata": "",
    "noembed": "",
    "noframes": "",
    "noscript": "noscript part",
    "optgroup": "",
    "option": "",
    "param": "",
    "script": "script",
    "source": "",
    "style": "style sheet",
    "symbol": "",
    "template": "template",
    "title": "",
    "track": "",
}
"""Elements that go with all that is in them, which no reader of the page saw; and how they are counted."""

PICTURES: Final = frozenset({"amp-anim", "amp-img", "image", "img"})

# fmt: off
EMBEDDED: Final = frozenset(
    {
        "amp-audio", "amp-iframe", "amp-video", "amp-youtube", "applet", "audio", "canvas", "embed", "fencedframe",
        "frame", "iframe", "object", "portal", "video",
    }
)
# fmt: on
"""Elements in whose place stands what they would have loaded; what they hold for browsers that cannot is not shown."""

FIELDS: Final = frozenset({"input", "select", "textarea"})

_NUMBER: Final = re.compile(r"-?\d{1,4}", re.ASCII)
_SPAN: Final = re.compile(r"[1-9]\d?", re.ASCII)  # a table of a thousand columns stops a browser for minutes
LANGUAGE: Final = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,8}){0,3}", re.ASCII | re.IGNORECASE)
_DATE: Final = re.compile(r"[0-9TZtz:.+ -]{4,40}", re.ASCII)


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.fullmatch(value) is not None


def _one_of(*words: str) -> Callable[[str], bool]:
    return lambda value: value.lower() in words


def _any(_: str) -> bool:
    return True


_EVERYWHERE: Final[Mapping[str, Callable[[str], bool]]] = {
    "align": _one_of("left", "right", "center", "justify"),
    "dir": _one_of("ltr", "rtl", "auto"),
    "hidden": _any,
    "lang": _matches(LANGUAGE),
    "title": _any,
}
_SOMEWHERE: Final[Mapping[tuple[str, str], Callable[[str], bool]]] = {
    ("del", "datetime"): _matches(_DATE),
    ("details", "open"): _any,
    ("ins", "datetime"): _matches(_DATE),
    ("li", "value"): _matches(_NUMBER),
    ("ol", "reversed"): _any,
    ("ol", "start"): _matches(_NUMBER),
    ("ol", "type"): _one_of("1", "a", "i"),
    ("td", "colspan"): _matches(_SPAN),
    ("td", "rowspan"): _matches(_SPAN),
    ("td", "valign"): _one_of("top", "middle", "bottom", "baseline"),
    ("th", "colspan"): _matches(_SPAN),
    ("th", "rowspan"): _matches(_SPAN),
    ("th", "scope"): _one_of("col", "row", "colgroup", "rowgroup"),
    ("time", "datetime"): _matches(_DATE),
}
_SWITCHES: Final = frozenset({"hidden", "open", "reversed"})  # their value says nothing

_PROPERTY: Final = re.compile(
    r"(?:background|border|margin|padding)(?:-(?:top|right|bottom|left|color|style|width|spacing|collapse))?"
    r"|color|display|visibility|white-space|vertical-align|float|clear|direction|line-height|list-style-type"
    r"|font-(?:weight|style|size|variant)|text-(?:align|decoration|transform|indent)|(?:max-)?width"
)
# No quote, no backslash, no function but those of colours: nothing in which an address could stand.
_VALUE: Final = re.compile(r"(?:[a-z0-9#%., +-]|rgba?\([0-9.,% ]{1,40}\)){1,100}", re.ASCII)


def attributes(tag: str, element: Element) -> Iterator[tuple[str, str]]:
    """Of the attributes of an element that is written as `tag` those that stay, with their values (not escaped)."""
    # By their names: each value is looked up from the first attribute on, and an element may have thousands.
    for name in element.keys():  # noqa: SIM118 - an element has no other way to its names
        allowed = _EVERYWHERE.get(name) or _SOMEWHERE.get((tag, name))
        if allowed is not None and allowed(value := element.get(name) or ""):
            yield name, "" if name in _SWITCHES else value
        elif name == "style" and (kept := style(element.get(name) or "")):
            yield name, kept


def style(printed: str) -> str:
    """The declarations of a style attribute that only colour and set text.

    >>> style("color: red; background: url(http://a.example/); width: expression(alert(1))")
    'color:red'
    """
    declarations = (piece.partition(":") for piece in printed.lower().split(";"))
    pairs = ((name.strip(), value.replace("!important", "").strip()) for name, _, value in declarations)
    return ";".join(f"{name}:{value}" for name, value in pairs if _PROPERTY.fullmatch(name) and _VALUE.fullmatch(value))
