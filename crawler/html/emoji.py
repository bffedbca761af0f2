"""Characters that a page draws as small pictures, because not every reader's machine has them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from crawler.html.markup import Element

_LONGEST: Final = 40  # characters: a family of four with skin tones has 11, the flag of Scotland 14
_CLASS: Final = re.compile(r"emoji|emoticon|smile?y|smilie", re.IGNORECASE)
_FOLDER: Final = re.compile(r"/(?:tw)?emojis?(?:one)?(?:\.php)?/|/smil(?:eys?|ies)/", re.IGNORECASE)
_SHORTCODE: Final = re.compile(r":[\w+-]{1,40}:")
# 1f3c5.png, emoji_u1f468_200d_1f33e.svg, 1f1e7-1f1fe.png
_NAME: Final = re.compile(
    r"/(?:emoji_?)?u?(?P<codes>[0-9a-f]{4,6}(?:[-_][0-9a-f]{2,6}){0,12})\.\w{2,5}(?:[?#]|\Z)", re.IGNORECASE
)
_SYMBOLS: Final = frozenset({"So", "Sm"})
_PARTS: Final = _SYMBOLS | {"Sk", "Mn", "Me", "Cf"}  # and what joins and tints them
_COLOURED: Final = re.compile("[^\\w\\s]\ufe0f|\u2139\ufe0f")  # ‼️, ℹ️: other signs that are asked for as emoji
_FROM_PICTOGRAPHS_ON: Final = 0x1F000
# A photograph is no character, whatever its alternative text, folder and class say of what it shows.
_PHOTOGRAPH: Final = re.compile(r"\.jpe?g(?:[?#]|\Z)|/with_archive/", re.IGNORECASE)
_LARGEST: Final = 160  # pixels
_KEYCAP: Final = "\u20e3"


def character_of(image: Element) -> str | None:
    """The character that a picture draws, by its alternative text or the code points in its file's name; its
    alternative text where only its class says that it is one (``:)``). None for a picture that is no character.
    """
    source = image.get("data-src") or image.get("src") or ""
    if _PHOTOGRAPH.search(source) or _is_large(image):
        return None
    alt = (image.get("alt") or "").strip()
    for said in (alt, image.get("data-emoji") or "", image.get("emoji") or ""):
        if _is_character(said):
            return said
    named = _by_name(source)
    if named and ord(max(named)) >= _FROM_PICTOGRAPHS_ON:
        return named
    if _CLASS.search(image.get("class") or "") is None and _FOLDER.search(source) is None:
        return None
    return named or ("" if _SHORTCODE.fullmatch(alt) or len(alt) > _LONGEST else alt)


def _is_large(image: Element) -> bool:
    sides = (image.get("width") or "", image.get("height") or "")
    return any(side.isdecimal() and len(side) < 6 and int(side) > _LARGEST for side in sides)  # noqa: PLR2004


def _is_character(text: str) -> bool:
    """Whether a text is nothing but emoji."""
    if not text or len(text) > _LONGEST or text.isascii():
        return False
    if _KEYCAP in text:
        return all(sign in "0123456789#*\ufe0f\u20e3 " for sign in text)
    text = _COLOURED.sub("\u2b50", text)
    kinds = [unicodedata.category(sign) for sign in text if sign != " "]
    return not _SYMBOLS.isdisjoint(kinds) and _PARTS.issuperset(kinds)


def _by_name(source: str) -> str | None:
    found = _NAME.search(source)
    if found is None:
        return None
    codes = [int(code, 16) for code in re.split("[-_]", found["codes"])]
    if any(code > 0x10FFFF or 0xD800 <= code < 0xE000 for code in codes):  # noqa: PLR2004 - no characters
        return None
    text = "".join(map(chr, codes))
    return text if _is_character(text) else None
