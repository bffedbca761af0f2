"""What agencies write when they say that a story was changed: ``UPDATE 1 -``, ``(Corrected ...)``, ``Исправлено:``."""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = (
    r"correct(?:s|ed|ion|ions)?|clarif(?:ies|ied|ication)|amend(?:s|ed|ment)",
    r"updat(?:e|es|ed)|recasts|refiles|editor'?s note",
    r"исправлен\w*|уточнен\w*|уточнён\w*|обновлен\w*|обновлён\w*|дополнен\w*|поправка",
    r"выпраўлен\w*|удакладнен\w*|абноўлен\w*|дапоўнен\w*",
    r"berichtig\w*|korrigiert\w*|korrektur|aktualisier\w*|ergänzt",
    r"sprostowan\w*|korekta|poprawion\w*|zaktualizowan\w*|aktualizacja",
    r"correg\w*|correcci[oó]n|rectific\w*|actualiza\w*",
)
_ANY: Final = "|".join(_WORDS)
_EARLIER: Final = (
    r"(?:earlier|previous) version of (?:this|the)|ранней версии|предыдущей версии|früheren? (?:version|fassung)"
    r"|wcześniejszej wersji|versión anterior"
)
# A note opens or ends a headline or a paragraph, set off by a sign, or stands in brackets, or speaks of an earlier
# version: "the updated forecast" is none.
_NOTE: Final = re.compile(
    rf"(?:^[\s*]*(?:{_ANY})\b[^.:\n–—-]{{0,40}}[:–—-]|[(\[][^()\[\]\n]{{0,20}}\b(?:{_ANY})\b)"
    rf"|[–—-]\s*(?:{_ANY})\b[^.\n]{{0,20}}$|{_EARLIER}"
    r"|^[\s*(\[（【]*(?:更正|更新|修正|订正)",
    re.IGNORECASE | re.MULTILINE,
)


def is_noted(before: str, after: str) -> bool:
    """Whether a text says that it was changed, and did not say just that before.

    >>> is_noted("Ferry sails at ten", "UPDATE 1 - Ferry sails at eleven")
    True
    >>> is_noted("The forecast is good", "The updated forecast is good")
    False
    """
    return bool(_notes(after) - _notes(before))


def _notes(text: str) -> set[str]:
    return {match.group().strip().casefold() for match in _NOTE.finditer(text)}
