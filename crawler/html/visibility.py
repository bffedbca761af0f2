"""What an element's own markup says of how a browser shows it: not at all, as a block, within a line, line by line.

Style sheets are not read: only what stands on the element itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from types import MappingProxyType
from typing import Final

from crawler.html.markup import Element

_RELEVANT: Final = re.compile(
    "display|visibility|white-space|opacity|clip|overflow|indent|position|font|transform|vertical-align", re.IGNORECASE
)
_COMMENT: Final = re.compile(r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/|\Z)")
_IMPORTANT: Final = re.compile(r"\s*!\s*important\Z")
_PLAIN: Final[Mapping[str, str]] = MappingProxyType({})
_BLOCK: Final = frozenset({"block", "flex", "flow-root", "grid", "list-item", "table", "table-caption", "table-row"})
_INLINE: Final = frozenset({"contents", "inline", "inline-block", "inline-flex", "inline-grid", "inline-table"})
_DISPLAYS: Final = (
    _BLOCK
    | _INLINE
    | {"none", "table-cell", "table-column", "table-column-group", "table-footer-group", "table-header-group"}
    | {"table-row-group", "run-in", "ruby", "ruby-base", "ruby-text", "inline-list-item", "flow", "math"}
    | {"inherit", "initial", "unset", "revert", "revert-layer", "-webkit-box", "-webkit-flex", "-ms-flexbox"}
)
_UNSEEN: Final = frozenset({"collapse", "hidden"})
_ZERO: Final = re.compile(r"[+-]?(?:0+(?:\.0*)?|\.0+)(?:[a-z]{1,4}|%)?")
_FAR_AWAY: Final = re.compile(r"-\d{3,}(?:\.\d*)?(?:px|pt|r?em|%)?")
_CLIPPED: Final = re.compile(r"rect\((?:[01](?:px)?,?){4}\)|inset\((?:50|100)%\)|circle\(0(?:px|%)?\)")
_SHRUNK: Final = re.compile(r"scale(?:3d)?\(0[,)]")
_SIDES: Final = ("height", "width", "max-height", "max-width")
_EDGES: Final = ("left", "top", "right", "bottom", "margin-left", "margin-top")
_OUT_OF_FLOW: Final = frozenset({"absolute", "fixed"})
_LATE: Final = frozenset({"img", "amp-img"})  # faded in when they have come
_MOST_WITHIN: Final = 1000  # elements of an unseen one that may be seen again
_LEVELS: Final[Mapping[str, str]] = MappingProxyType({"super": "sup", "sub": "sub"})


def style_of(element: Element) -> Mapping[str, str]:
    """The declarations of the attribute ``style``, in lower case, where it says anything that is asked for here."""
    printed = element.get("style")
    if not printed or _RELEVANT.search(printed) is None:
        return _PLAIN
    style: dict[str, str] = {}
    important: set[str] = set()
    for declaration in _COMMENT.sub("", printed.lower()).split(";"):
        name, _, value = declaration.partition(":")
        name, plain = name.strip(), _IMPORTANT.sub("", value).strip()
        if plain != value.strip():
            important.add(name)
        elif name in important or (name == "display" and not _DISPLAYS.issuperset(plain.split())):
            continue
        style[name] = plain
    return style


def is_hidden(element: Element) -> bool:
    """Whether an element and all in it is unseen, by its attribute ``hidden`` or its own style. `aria-hidden` hides
    nothing: it speaks to screen readers alone.
    """
    unseen = element.get("hidden") is not None or (element.tag == "dialog" and element.get("open") is None)
    style = style_of(element)
    if not style:
        return unseen
    display = style.get("display")
    if (unseen if display is None else display == "none") or _is_out_of_sight(element, style):
        return True
    return _is_veil(style) is True and not _is_seen_within(element)


def is_veiled(element: Element) -> bool | None:
    """Whether the words in an element are unseen but those of parts that say otherwise; None where it says nothing."""
    return _is_veil(style_of(element))


def level_of(element: Element) -> str | None:
    """``sup`` or ``sub`` where a style raises or lowers the words of an element as these do."""
    return _LEVELS.get(style_of(element).get("vertical-align", ""))


def is_cell(element: Element) -> bool:
    """Whether a style makes an element a table's cell."""
    return style_of(element).get("display") == "table-cell"


def _is_veil(style: Mapping[str, str]) -> bool | None:
    """`visibility` and the size of letters are inherited, and a part may have others."""
    visibility, size = style.get("visibility"), style.get("font-size")
    if visibility in _UNSEEN or (size and _ZERO.fullmatch(size)) or style.get("font", "").startswith("0/0"):
        return True
    return False if visibility or size else None


def _is_seen_within(element: Element) -> bool:
    """Whether a part of an unseen element may be seen: words with a style of their own, or a picture, which has no
    letters.
    """
    by_size = style_of(element).get("visibility") not in _UNSEEN
    return any(
        is_veiled(node) is False or (by_size and node.tag in _LATE)
        for node in islice(element.iterdescendants("*"), _MOST_WITHIN)
    )


def _is_out_of_sight(element: Element, style: Mapping[str, str]) -> bool:
    """Whether a style leaves an element its place and shows nothing of it: clear as glass, shrunk, cut or far away."""
    if style.get("content-visibility") == "hidden" or _FAR_AWAY.fullmatch(style.get("text-indent", "")):
        return True
    if _ZERO.fullmatch(style.get("opacity", "")):
        return element.tag not in _LATE
    if _SHRUNK.search(style.get("transform", "")) or _CLIPPED.fullmatch(style.get("clip-path", "")):
        return True
    if style.get("position") in _OUT_OF_FLOW:
        away = any(_FAR_AWAY.fullmatch(style.get(edge, "")) for edge in _EDGES)
        return away or _CLIPPED.fullmatch("".join(style.get("clip", "").split())) is not None
    cuts = style.get("overflow") in {"hidden", "clip"}
    return cuts and any(_ZERO.fullmatch(style.get(side, "")) for side in _SIDES)


def is_block(element: Element, usual: bool) -> bool:  # noqa: FBT001 - what it is without a style
    """Whether an element stands on lines of its own; `usual` is what its kind does without a style."""
    display = style_of(element).get("display")
    return display in _BLOCK or (usual and display not in _INLINE and display != "table-cell")


def keeps_lines(element: Element) -> bool:
    """Whether a style has the line breaks of an element's text shown, as ``pre`` does."""
    return style_of(element).get("white-space", "").startswith(("pre", "break-spaces"))
