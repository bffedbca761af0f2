"""The tables of a site file, key by key: each value checked for its type, each fault named with file and key.

`Keys` knows nothing of news: it is one TOML table with the place where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, Final, TypeVar

from crawler.errors import SiteFileError

MAX_TEXT: Final = 1000  # characters of a value
MAX_LIST: Final = 50  # values of a list
_SHOWN: Final = 60

Compiled = TypeVar("Compiled")

_TYPES: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a number",
    float: "a number with a point",
    str: "text",
    list: "a list",
    dict: "a table",
    datetime: "a time",
    date: "a date",
}


@dataclass(frozen=True, slots=True)
class Keys:
    """One table. `source` names the file, `place` the table in it (``editions.harbour-en``; empty for the top)."""

    source: str
    place: str
    values: Mapping[str, Any] = field(repr=False)

    def fault(self, key: str, problem: str) -> SiteFileError:
        """The error of a key. `problem` says what is wrong and what to write."""
        path = ".".join(part for part in (self.place, key) if part)
        return SiteFileError(f"{self.source}: {path}: {problem}" if path else f"{self.source}: {problem}")

    def only(self, known: Collection[str], *, elsewhere: Collection[str] = (), here: str = "this table") -> None:
        """Refuse keys that are not known. `elsewhere` are keys that other tables of this sort have."""
        for key in self.values:
            if key in known:
                continue
            if key in elsewhere:
                raise self.fault(key, f"{here} has no such key; it takes {', '.join(known)}")
            near = get_close_matches(key.lower(), [*known, *elsewhere], n=1)
            way_out = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise self.fault(shown(key), f"unknown key; {way_out}")

    def text(self, key: str, *, required: bool = False, example: str = "") -> str | None:
        """A text without white space around it, never empty."""
        value = self.values.get(key)
        if value is None:
            if required:
                raise self.fault(key, f"is missing; write {key} = {example}")
            return None
        return self._checked_text(key, value)

    def texts(self, key: str, *, required: bool = False, example: str = "") -> tuple[str, ...]:
        """A text or a list of texts; none where the key is missing."""
        value = self.values.get(key)
        if not isinstance(value, list):
            found = self.text(key, required=required, example=example)
            return () if found is None else (found,)
        if not value:
            raise self.fault(key, "an empty list; name at least one, or leave the key out")
        if len(value) > MAX_LIST:
            raise self.fault(key, f"a list of {len(value)}; at most {MAX_LIST} are taken")
        return tuple(self._checked_text(key, one) for one in value)

    def compiled(
        self, key: str, make: Callable[[str], Compiled], *, required: bool = False, example: str = ""
    ) -> tuple[Compiled, ...]:
        """The same, each made into something by a function whose ValueError says what is wrong."""
        return tuple(self.made(key, make, text) for text in self.texts(key, required=required, example=example))

    def made(self, key: str, make: Callable[[str], Compiled], text: str) -> Compiled:
        """What a function makes of a value of a key; its ValueError becomes the fault of the key."""
        try:
            return make(text)
        except ValueError as error:
            raise self.fault(key, str(error)) from None

    def flag(self, key: str) -> bool:
        """True or false; false where the key is missing."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self._wrong(key, value, bool)
        return value

    def number(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number in these bounds."""
        value = self.values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(key, value, int)
        if not least <= value <= most:
            raise self.fault(key, f"{value} is out of bounds; write a number from {least} to {most}")
        return value

    def day(self, key: str) -> date | None:
        """A date, written 2020-01-31 with or without quotes."""
        value = self.values.get(key)
        if isinstance(value, datetime) or not isinstance(value, date | str | None):
            raise self._wrong(key, value, date)
        if not isinstance(value, str):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self.fault(key, f"{shown(value)!r} is no date; write it as 2020-01-31") from None

    def table(self, key: str, *, required: bool = False) -> Keys:
        """A table within this one; an empty one where the key is missing."""
        value = self.values.get(key)
        if value is None and required:
            raise self.fault(key, f"is missing; write a table [{key}]")
        if not isinstance(value, dict | None):
            raise self._wrong(key, value, dict)
        return Keys(self.source, ".".join(part for part in (self.place, key) if part), value or {})

    def tables(self, key: str, one: str) -> Iterator[Keys]:
        """The tables of a list of tables; `one` is what one of them is called in faults (``listing 2``)."""
        value = self.values.get(key)
        if not isinstance(value, list):
            raise self.fault(key, f"write each as [[{key}]]" if value is not None else f"is missing; write [[{key}]]")
        if len(value) > MAX_LIST:
            raise self.fault(key, f"a list of {len(value)}; at most {MAX_LIST} are taken")
        for number, table in enumerate(value, start=1):
            if not isinstance(table, dict):
                raise self.fault(key, f"write each as [[{key}]]")
            yield Keys(self.source, f"{one} {number}", table)

    def _checked_text(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise self._wrong(key, value, str)
        text = value.strip()
        if not text:
            raise self.fault(key, "an empty text; write one, or leave the key out")
        if len(text) > MAX_TEXT:
            raise self.fault(key, f"a text of {len(text)} characters; at most {MAX_TEXT} are taken")
        if not text.isprintable():
            raise self.fault(key, f"{shown(text)!r} has characters that cannot be printed; remove them")
        return text

    def _wrong(self, key: str, value: object, wanted: type) -> SiteFileError:
        return self.fault(key, f"is {_TYPES.get(type(value), type(value).__name__)}; write {_TYPES[wanted]}")


def shown(text: str) -> str:
    """A text as a message repeats it: cut, without what cannot be printed."""
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return "".join(letter if letter.isprintable() else "?" for letter in cut)
