"""Pages that lie about their encoding: which one they are really in, and whether what was read of them is text.

A guess is made only where the bytes are not what the page calls them, and is taken only where the result reads like the
language that the page names. Otherwise the page stays unreadable: it is kept, and nothing is made up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

_LANGUAGE: Final = re.compile(rb"<html(?=\s)[^>]{0,500}?\slang\s*=\s*[\"']?([a-zA-Z]{2})(?![a-zA-Z])", re.IGNORECASE)
_HEAD: Final = 4096  # bytes
_REPLACEMENT: Final = "\ufffd"

_RUSSIAN: Final = "оеаинтсрвлкмдпуяыьгзбчйх«»–—\xa0"
_WESTERN: Final = "äöüßÄÖÜéèáíóúñçàêôÉÁÑ¿¡ºª°§€£©®·«»„“”‘’–—…\xa0"
_POLISH: Final = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ«»„“”’–—…\xa0"
# The 3755 usual characters of GB 2312, its first level, and its punctuation.
_CHINESE: Final = frozenset(
    bytes((row, cell)).decode("gb2312", "ignore")
    for row in (0xA1, 0xA3, *range(0xB0, 0xD8))
    for cell in range(0xA1, 0xFF)
) - {""}
# By language: encodings that its pages come in, and the signs beyond ASCII that most of its texts are made of.
_ENCODINGS: Final[Mapping[str, tuple[tuple[str, ...], frozenset[str]]]] = {
    "ru": (("cp1251", "koi8-r", "cp866", "iso8859-5"), frozenset(_RUSSIAN)),
    "be": (("cp1251", "koi8-u", "cp866", "iso8859-5"), frozenset(_RUSSIAN + "іў")),
    "de": (("cp1252",), frozenset(_WESTERN)),
    "en": (("cp1252",), frozenset(_WESTERN)),
    "es": (("cp1252",), frozenset(_WESTERN)),
    "pl": (("cp1250", "iso8859-2"), frozenset(_POLISH)),
    "zh": (("gb18030",), _CHINESE),
}
_ENOUGH: Final = 0.7  # of the signs beyond ASCII; real texts have 0.88, in the wrong encoding 0.52 at most
_LEAST: Final = 0.57
# The letters beyond ASCII that most of a text is made of, where that is known.
_OWN_LETTERS: Final[Mapping[str, Callable[[str], bool]]] = {
    "be": frozenset(_RUSSIAN + "іў").__contains__,
    "ru": frozenset(_RUSSIAN).__contains__,
    "zh": lambda sign: sign >= "\u3005",
}
_SAMPLE: Final = 4000  # characters
_MAX_GARBAGE: Final = 0.05
_MANY: Final = 8  # signs of several bytes that are no accident
_FEW_LETTERS: Final = 100


def is_disguised_utf8(body: bytes) -> bool:
    """Whether a page is in UTF-8 whatever it calls itself: other text is hardly ever valid UTF-8 by accident."""
    if b"\x00" in body:
        return False
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(body) - len(text) >= _MANY


def true_text(body: bytes, text: str) -> str:
    """The text of a page that was decoded as `text`, in the encoding that it really is in where that is sure; else
    `text` itself.
    """
    found = _LANGUAGE.search(body[:_HEAD])
    encodings, usual = _ENCODINGS.get(found[1].decode().lower() if found else "", ((), frozenset()))
    texts = [text, *(body.decode(encoding, "replace") for encoding in encodings)]
    shares = [_share(one, usual) for one in texts]
    best = max(range(len(texts)), key=shares.__getitem__)
    return texts[best] if shares[best] >= _ENOUGH else text


def is_misread(text: str, language: str) -> bool:
    """Whether a text holds more replacement characters than a broken byte here and there explains, or is made of
    letters that its language hardly has (KOI8 read as cp1251: small and capital letters are exchanged).
    """
    if text.isascii():
        return False
    if text.count(_REPLACEMENT) > max(1, _MAX_GARBAGE * len(text)):
        return True
    is_own = _OWN_LETTERS.get(language.partition("-")[0])
    letters = list(filter(_is_letter_or_symbol, text[:_SAMPLE])) if is_own else []
    return is_own is not None and len(letters) >= _FEW_LETTERS and sum(map(is_own, letters)) < _LEAST * len(letters)


def _is_letter_or_symbol(sign: str) -> bool:
    return not sign.isascii() and unicodedata.category(sign)[0] in "LS"


def _share(text: str, usual: frozenset[str]) -> float:
    """How much of a text beyond ASCII is usual in the language."""
    signs = [sign for sign in text if not sign.isascii()]
    return sum(map(usual.__contains__, signs)) / len(signs) if signs else 0.0
