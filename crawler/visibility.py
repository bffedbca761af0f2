"""What an element's own markup says of how a browser shows it: not at all, as a block, within a line, line by line.

Style sheets are not read: only what stands on the element itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from crawler.markup import Element

_RELEVANT: Final = re.compile("display|visibility|white-space", re.IGNORECASE)
_COMMENT: Final = re.compile(r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/|\Z)")
_IMPORTANT: Final = re.compile(r"\s*!\s*important\Z")
_PLAIN: Final[Mapping[str, str]] = MappingProxyType({})
_BLOCK: Final = frozenset({"block", "flex", "flow-root", "grid", "list-item", "table", "table-caption", "table-row"})
_INLINE: Final = frozenset({"contents", "inline", "inline-block", "inline-flex", "inline-grid", "inline-table"})
_UNSEEN: Final = frozenset({"collapse", "hidden"})


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
        elif name in important:
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
    return style.get("visibility") in _UNSEEN or (unseen if display is None else display == "none")


def is_block(element: Element, usual: bool) -> bool:  # noqa: FBT001 - what it is without a style
    """Whether an element stands on lines of its own; `usual` is what its kind does without a style."""
    display = style_of(element).get("display")
    return display in _BLOCK or (usual and display not in _INLINE)


def keeps_lines(element: Element) -> bool:
    """Whether a style has the line breaks of an element's text shown, as ``pre`` does."""
    return style_of(element).get("white-space", "").startswith(("pre", "break-spaces"))
