"""Folding: how words are written down so that a search finds them without their accents.

SQLite's full-text index (tokenizer unicode61) folds case and the accents of Latin letters by itself. It does not
fold ł, ø, ß or the Cyrillic ё, й, ї, ў, and it takes a run of Chinese for one word. `folded_words` gives just the
words that it would miss; they are indexed beside the text. Queries are folded by `fold` before they are asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final

# Letters that are one letter to Unicode and a letter with a mark to readers.
_WRITTEN_AS = {
    "æ": "ae", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ĸ": "k", "ł": "l", "ŀ": "l", "ŋ": "n", "ø": "o", "œ": "oe",
    "þ": "th", "ŧ": "t", "ґ": "г",
}  # fmt: skip

# Chinese and Japanese are written without spaces between words.
_UNSPACED = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"([{_UNSPACED}]+)")
_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")  # accents may stand behind their letter
_MARKS = "".join(map(chr, range(0x300, 0x370)))

APOSTROPHES: Final = "'’‘‛`´′＇ʹʻʼʽꞌ"
"""Signs that are printed for an apostrophe within a word. To readers they are one."""
LETTERS: Final = "ʹʻʼʽꞌ"
"""Those of them that are letters to the tokenizer: the others part a word in two for it."""

# Where the tokenizer's tables fold case as Python does, so that a capital is no reason to write a word down.
_CASED = re.compile("[\u0386-\u03ff\u0400-\u04ff\u0531-\u0587]")


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
    plain = "".join(_WRITTEN_AS.get(c, c) for c in bare)
    if plain in LETTERS and plain:
        return " "  # as the other apostrophes, which are no letters
    if not plain.strip() and not unicodedata.combining(letter):
        return letter  # a mark that stands for itself, in Arabic or Greek
    return unicodedata.normalize("NFC", plain)  # puts Korean together again


def _index_letter(letter: str) -> str:
    """What unicode61 with remove_diacritics=2 makes of a letter, where that is certain; else the letter itself."""
    base, marks = (parts := unicodedata.normalize("NFD", letter))[0], parts[1:]
    if base.isascii() and len(marks) <= 1 and all(map(unicodedata.combining, marks)):
        return base.lower()
    return letter.lower() if _CASED.match(letter) and not marks else letter


_FOLDS = _Folds(_fold_letter)
_INDEXED = _Folds(_index_letter)


def fold(text: str) -> str:
    """The words of a query, folded: lower case, no accents, Chinese as overlapping pairs of characters.

    Everything that is no letter or digit becomes one space. A Chinese word is to be asked for as a phrase of its
    pairs; a single Chinese character as a prefix (``国*``), since it stands in front of its pair.

    >>> fold("Łódź, Straße: ёлка!")
    'lodz strasse елка'
    >>> fold("中国人2026")
    '中国 国人 2026'
    """
    runs = (run for word in _WORD.findall(text) for run in _runs(word))
    return " ".join(part for run in runs for part in _pairs(run))


def folded_words(text: str) -> str:
    """The folded words of `text` that the index would not find by themselves, in their order.

    The last character of every Chinese run stands once more behind its word, so that it too is found as a prefix.

    >>> folded_words("Plain words, café, Łódź, 国人 and ёлка")
    'lodz 国人 人 елка'
    """
    if text.isascii():
        return ""
    found: list[str] = []
    for word in _WORD.findall(text):
        if word.isascii():
            continue
        runs = _runs(word)
        if runs != [word.translate(_INDEXED)] or _RUN.search(word):
            found.extend(_parts(runs))
    return " ".join(found)


def all_folded(text: str) -> str:
    """`text` with all words folded, in their order: what an index holds that is asked for folded words alone.

    >>> all_folded("Plain words, ёлка"), all_folded("国人 and ёлка")
    ('plain words, елка', '国人 人 and елка')
    """
    if _RUN.search(text) is None:
        return text.translate(_FOLDS)
    return " ".join(part for word in _WORD.findall(text) for part in _parts(_runs(word)))


def _parts(runs: list[str]) -> list[str]:
    """The runs of a word as the index holds them: Chinese in pairs, and at the end the last character of each run."""
    pairs = [part for run in runs for part in _pairs(run)]
    return pairs + [run[-1] for run in runs if len(run) > 1 and _RUN.match(run)]


def _runs(word: str) -> list[str]:
    """The folded word, cut where Chinese runs begin and end (and where folding opens a gap, as in ``½``)."""
    folded = word.translate(_FOLDS)
    if folded.isascii() and folded.isalnum():
        return [folded]
    return [run for part in _WORD.findall(folded) for run in _RUN.split(part) if run] or [*word.strip(_MARKS)]


def is_chinese(text: str) -> bool:
    """Whether it is written in signs that stand without spaces between words, which are indexed in pairs.

    >>> is_chinese("国"), is_chinese("국")
    (True, False)
    """
    return _RUN.fullmatch(text) is not None


def _pairs(run: str) -> list[str]:
    """A Chinese run as its pairs of characters; any other run, and a single character, as it is."""
    return [run[at : at + 2] for at in range(len(run) - 1)] if len(run) > 1 and _RUN.match(run) else [run]
