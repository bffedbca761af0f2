"""Folding: how words are written down so that a search finds them without their accents.

SQLite's full-text index (tokenizer unicode61) folds case and the accents of Latin letters by itself. It does not
fold ł, ø, ß or the Cyrillic ё, й, ї, ў, and it takes a run of Chinese for one word. `folded_words` gives just the
words that it would miss; they are indexed beside the text. Queries are folded by `fold` before they are asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

# Letters that are one letter to Unicode and a letter with a mark to readers.
_WRITTEN_AS = {
    "æ": "ae", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ĸ": "k", "ł": "l", "ŀ": "l", "ŋ": "n", "ø": "o", "œ": "oe",
    "þ": "th", "ŧ": "t", "ґ": "г",
}  # fmt: skip

# Chinese and Japanese are written without spaces between words.
_UNSPACED = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"([{_UNSPACED}]+)")
_WORD = re.compile(r"[^\W_]+")


class _Folds(dict[int, str]):
    """Code point -> folded text, worked out when first met (for str.translate)."""

    def __init__(self, fold_letter: Callable[[str], str]) -> None:
        super().__init__()
        self._fold_letter = fold_letter

    def __missing__(self, code: int) -> str:
        self[code] = folded = self._fold_letter(chr(code))
        return folded


def _fold_letter(letter: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c)).casefold()
    return "".join(_WRITTEN_AS.get(c, c) for c in bare)


def _index_letter(letter: str) -> str:
    """What unicode61 with remove_diacritics=2 makes of a letter, as far as the tests can vouch for it."""
    composed = unicodedata.normalize("NFD", letter)
    base, marks = composed[0], composed[1:]
    if marks and base.isascii() and all(map(unicodedata.combining, marks)):
        return base.lower()
    return letter.lower()


_FOLDS = _Folds(_fold_letter)
_INDEXED = _Folds(_index_letter)


def fold(text: str) -> str:
    """Text with its words folded: lower case, no accents, Chinese as overlapping pairs of characters.

    The last character of a Chinese run stands alone behind its pairs, so that a search for one character is a
    search for a prefix. Everything that is no letter or digit becomes one space.

    >>> fold("Łódź, Straße: ёлка!")
    'lodz strasse елка'
    >>> fold("中国人2026")
    '中国 国人 人 2026'
    """
    return " ".join(part for word in _words(text) for part in _parts(word.translate(_FOLDS)))


def folded_words(text: str) -> str:
    """The folded words of `text` that the index would not find by themselves, in their order.

    >>> folded_words("Plain words, café, Łódź and ёлка")
    'lodz елка'
    """
    if text.isascii():
        return ""
    found = []
    for word in _words(text):
        if word.isascii():
            continue
        folded = word.translate(_FOLDS)
        parts = _parts(folded)
        if parts != [word.translate(_INDEXED)]:
            found.extend(parts)
    return " ".join(found)


def _words(text: str) -> list[str]:
    # Composed first: otherwise a mark that stands alone would cut a word in two (Unicode calls it no letter).
    return _WORD.findall(unicodedata.normalize("NFC", text))


def _parts(word: str) -> list[str]:
    """The index words of one folded word: itself, or its Chinese runs as pairs and what stands between them."""
    if word.isascii():
        return [word]
    return [part for run in _RUN.split(word) if run for part in (_pairs(run) if _RUN.match(run) else [run])]


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run))]
