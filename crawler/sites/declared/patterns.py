"""What an article's address looks like: ``/{section}/{slug}-{id}.html``, compiled to a match in linear time.

    {id}            digits
    {slug} {section}  anything but "/", as much as possible; empty only where a hyphen or {id} follows
    {year}          four digits
    {day:%Y/%m/%d}  a date

Each name stands once, and there is no other syntax. A pattern may end with parameters, ``/news?id={id}``: those belong
to the address, all others are dropped. The final slash does not count.

No regular expression takes part: two wildcards between hyphens would make one backtrack. Instead each token learns,
from the end of the address to its start, up to where it can reach.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from urllib.parse import parse_qsl, quote, unquote

from w3lib.url import safe_url_string

from crawler.urls import normal_path

MAX_PATTERN: Final = 500  # characters
MAX_ADDRESS: Final = 4096

NAMES: Final = ("id", "slug", "section", "year", "day")
_HOLE: Final = re.compile(r"\{([^{}:]*)(?::([^{}]*))?\}")
_DIRECTIVE: Final = re.compile(r"%(-?[a-zA-Z]?)")
_PARTS: Final = re.compile(r"(%-?[a-zA-Z])")
_DIGITS: Final = {"Y": (4, 4), "y": (2, 2), "m": (2, 2), "d": (2, 2), "-m": (1, 2), "-d": (1, 2)}
_CENTURIES: Final = ("19", "20")
_SEGMENT: Final = "/"
_SAMPLES: Final = {"id": "1234", "slug": "a-goat", "section": "society", "year": "2026"}

Class = Literal["digits", "segment"]


class PatternError(ValueError):
    """A pattern that is none, or that no address can match. `str()` says why and what to write instead."""


class _Token(NamedTuple):
    """Literal text, or a run of `least` to `most` characters of a class that belongs to `name`."""

    text: str = ""
    kind: Class | None = None
    least: int = 0
    most: int = MAX_ADDRESS
    name: str = ""
    directive: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """An address that matched: `values` by name as printed (percent-encoded), `day` where the pattern has one, and the
    canonical `path` with the parameters that belong to it.
    """

    values: Mapping[str, str]
    path: str
    day: date | None = None

    def value(self, name: str) -> str:
        """A value as people write it: percent-decoded where that gives printable text; a day in ISO form."""
        if name == "day" and self.day is not None:
            return self.day.isoformat()
        return decoded(self.values[name])


@dataclass(frozen=True, slots=True)
class Pattern:
    """One compiled pattern. `text` is as written, `names` those in it."""

    text: str
    names: tuple[str, ...]
    _tokens: tuple[_Token, ...] = field(repr=False)
    _parameters: tuple[tuple[str, tuple[_Token, ...]], ...] = field(repr=False)
    _slash: str = field(repr=False)

    @classmethod
    def compile(cls, text: str) -> Pattern:
        """Raises PatternError."""
        _refuse_form(text)
        path, _, query = text.partition("?")
        trimmed = path.rstrip("/")
        tokens = tuple(_tokens(trimmed, in_query=False))
        parameters = tuple(_parameters(query)) if query else ()
        names = tuple(token.name for token in _every(tokens, parameters) if token.name)
        distinct = tuple(dict.fromkeys(names))
        _refuse_names(text, distinct)
        pattern = cls(text, distinct, tokens, parameters, "/" if path.endswith("/") else "")
        pattern._refuse_impossible()
        return pattern

    def match(self, path: str, query: str = "") -> Found | None:
        """What an address says by this pattern; None where it does not match.

        `path` is normal: percent-encoded, dots resolved, single slashes (see `crawler.urls`). `query` as printed.

        >>> Pattern.compile("/{section}/{slug}-{id}.html").match("/sport/ice-hockey-77.html").value("slug")
        'ice-hockey'
        """
        path = path.rstrip("/")
        if len(path) > MAX_ADDRESS or len(query) > MAX_ADDRESS:
            return None
        values = _match(self._tokens, path)
        if values is None:
            return None
        kept = self._query(query, values) if self._parameters else ""
        if kept is None:
            return None
        day = _day(values)
        if day is _IMPOSSIBLE or not values.get("year", "20").startswith(_CENTURIES):
            return None
        canonical = (path or "/") + (self._slash if path else "") + kept
        named = {name: values[name] for name in self.names if name != "day"}
        return Found(named | ({"day": values["day"]} if "day" in values else {}), canonical, day)

    def _query(self, query: str, values: dict[str, str]) -> str | None:
        """The parameters that belong to the address, in the order of the pattern; their values go to `values`."""
        given: dict[str, str] = {}
        for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=None):
            given.setdefault(name, value)
        kept = []
        for name, tokens in self._parameters:
            found = _match(tokens, quote(given[name], safe="")) if name in given else None
            if found is None:
                return None
            values.update(found)
            kept.append(f"{quote(name, safe='')}={quote(given[name], safe='')}")
        return "?" + "&".join(kept)

    def _refuse_impossible(self) -> None:
        path, _, query = self.sample().partition("?")
        if self.match(normal_path(path), query) is None:
            raise PatternError(f"{self.text!r} can match no address, not even {self.sample()}")

    def sample(self) -> str:
        """An address of this form.

        >>> Pattern.compile("/news/{slug}-{id}/").sample()
        '/news/a-goat-1234/'
        """
        path = "".join(map(_sample, self._tokens)) + self._slash
        query = "&".join(f"{quote(name, safe='')}={''.join(map(_sample, tokens))}" for name, tokens in self._parameters)
        return path + (f"?{query}" if query else "")


def fill(text: str, values: Mapping[str, str], day: date | None = None) -> str:
    """An address of a listing: ``{page}``, ``{cursor}`` and ``{day:...}`` replaced.

    >>> fill("/archive/{day:%Y/%-m/%d}/", {}, date(2026, 3, 5))
    '/archive/2026/3/05/'
    """

    def value(hole: re.Match[str]) -> str:
        return values[hole[1]] if day is None or hole[1] != "day" else _DIRECTIVE.sub(_part_of(day), hole[2])

    return _HOLE.sub(value, text)


def _part_of(day: date) -> Callable[[re.Match[str]], str]:
    """How a directive of ``{day:...}`` is written for a day."""
    parts = {"Y": day.year, "y": day.year % 100, "m": day.month, "d": day.day}
    return lambda found: f"{parts[found[1][-1]]:0{_DIGITS[found[1]][0]}d}"


@lru_cache(maxsize=256)
def taken_apart(text: str) -> re.Pattern[str]:
    """What `fill` wrote, as an expression with the groups ``page``, ``cursor`` and the parts of a day (``Y``, ``m``,
    ``d``). Its runs do not follow on each other, so that it cannot backtrack.
    """
    parts, at = [], 0
    for hole in _HOLE.finditer(text):
        parts.append(re.escape(text[at : hole.start()]))
        at = hole.end()
        if hole[1] == "day":
            parts += [_digits_of(part) if part[:1] == "%" else re.escape(part) for part in _PARTS.split(hole[2])]
        else:
            parts.append("(?P<page>[0-9]{1,9})" if hole[1] == "page" else "(?P<cursor>[^&#]{1,4000})")
    return re.compile("".join([*parts, re.escape(text[at:])]))


def _digits_of(directive: str) -> str:
    least, most = _DIGITS[directive[1:]]
    return f"(?P<{directive[-1]}>[0-9]{{{least},{most}}})"


def holes_of(text: str, allowed: Sequence[str], example: str, *, dated: bool = True) -> tuple[str, ...]:
    """The names in the braces of a text, each once. Raises PatternError for others, and for braces without a name.

    `dated`: a day says how it is written (``{day:%Y/%m/%d}``); where not, it is the name alone.
    """
    names = []
    for hole in _HOLE.finditer(text):
        _refuse_hole(text, hole[1], hole[2], allowed, dated=dated)
        names.append(hole[1])
    if _stray_brace(text):
        raise PatternError(f"{text!r} has a brace that names nothing; write {example}")
    if len(set(names)) < len(names):
        raise PatternError(f"{text!r} has a name twice")
    return tuple(names)


def decoded(text: str) -> str:
    """Percent-decoded, where that gives printable text; else as it is.

    >>> decoded("%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D1%8C"), decoded("a%0Ab")
    ('новость', 'a%0Ab')
    """
    try:
        plain = unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text
    return plain if plain.isprintable() else text


def _refuse_form(text: str) -> None:
    if len(text) > MAX_PATTERN:
        raise PatternError(f"a pattern of {len(text)} characters; at most {MAX_PATTERN} are taken")
    if not text.startswith("/") or text.startswith("//"):
        raise PatternError(f"{text!r} is no path; write it from the first slash, such as /news/{{id}}/")
    if "#" in text or any(map(str.isspace, text)) or not text.isprintable():
        raise PatternError(f"{text!r} can match no address: no # and no white space stand in one")
    holes_of(text, NAMES, "/{section}/{slug}-{id}.html")
    parts = text.partition("?")[0].rstrip("/").split("/")[1:]
    if any(part in {"", ".", ".."} for part in parts) and text != "/" and parts:
        raise PatternError(f"{text!r} can match no address: // and dots are resolved before")
    if text.count("?") > 1:
        raise PatternError(f"{text!r} has more than one question mark")


def _refuse_hole(text: str, name: str, form: str | None, allowed: Sequence[str], *, dated: bool) -> None:
    if name not in allowed:
        near = get_close_matches(name.lower(), allowed, n=1)
        meant = (
            f"; did you mean {{{near[0]}}}?" if near else f"; known are {', '.join(f'{{{one}}}' for one in allowed)}"
        )
        raise PatternError(f"{text!r}: {{{name}}} is no name of a pattern{meant}")
    if (form is not None) != (dated and name == "day"):
        example = "{day:%Y/%m/%d}" if dated and name == "day" else f"{{{name}}}"
        raise PatternError(f"{text!r}: write {example}")
    if form is not None:
        _refuse_day(text, form)


def _refuse_day(text: str, form: str) -> None:
    directives = [found[1] for found in _DIRECTIVE.finditer(form)]
    for directive in directives:
        if directive not in _DIGITS:
            raise PatternError(f"{text!r}: %{directive} is no part of a day; there are %Y %y %m %d %-m %-d")
    if len({directive.strip("-").lower() for directive in directives}) < len(directives):
        raise PatternError(f"{text!r}: a part of the day stands twice")
    if not {"Y", "y"} & set(directives):
        raise PatternError(f"{text!r}: a day needs its year, such as {{day:%Y/%m/%d}}")


def _refuse_names(text: str, names: Sequence[str]) -> None:
    if not set(names) & {"id", "slug"}:
        raise PatternError(f"{text!r} names no article; write {{id}} or {{slug}} where addresses differ")


def _stray_brace(text: str) -> bool:
    return not {"{", "}"}.isdisjoint(_HOLE.sub("", text))


def _tokens(text: str, *, in_query: bool) -> Iterator[_Token]:
    at = 0
    for hole in _HOLE.finditer(text):
        if literal := text[at : hole.start()]:
            yield _literal(literal, in_query=in_query)
        at = hole.end()
        yield from _hole_tokens(hole[1], hole[2] or "", behind=text[at:], in_query=in_query)
    if text[at:]:
        yield _literal(text[at:], in_query=in_query)


def _literal(text: str, *, in_query: bool) -> _Token:
    return _Token(quote(unquote(text), safe="") if in_query else safe_url_string(text))


def _hole_tokens(name: str, form: str, *, behind: str, in_query: bool) -> Iterator[_Token]:
    if name == "day":
        at = 0
        for found in _DIRECTIVE.finditer(form):
            if literal := form[at : found.start()]:
                yield _literal(literal, in_query=in_query)._replace(name="day", directive="=")
            at = found.end()
            least, most = _DIGITS[found[1]]
            yield _Token(kind="digits", least=least, most=most, name="day", directive=found[1][-1])
        if form[at:]:
            yield _literal(form[at:], in_query=in_query)._replace(name="day", directive="=")
    elif name == "id":
        yield _Token(kind="digits", least=1, name=name)
    elif name == "year":
        yield _Token(kind="digits", least=4, most=4, name=name)
    else:
        yield _Token(kind="segment", least=0 if behind.startswith(("-", "{id}")) else 1, name=name)


def _parameters(query: str) -> Iterator[tuple[str, tuple[_Token, ...]]]:
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        if not name or not equals or "{" in name:
            raise PatternError(f"{query!r}: write parameters as name={{id}}")
        yield unquote(name), tuple(_tokens(value, in_query=True))


def _every(tokens: Sequence[_Token], parameters: Sequence[tuple[str, Sequence[_Token]]]) -> Iterator[_Token]:
    yield from tokens
    for _, inner in parameters:
        yield from inner


def _sample(token: _Token) -> str:
    if token.kind is None:
        return token.text
    if token.name == "day":
        return {"Y": "2026", "y": "26"}.get(token.directive, "11")
    return _SAMPLES[token.name]


_IMPOSSIBLE: Final = date.min


def _day(values: dict[str, str]) -> date | None:
    """The day of the parts that were matched; `_IMPOSSIBLE` for the 30th of February."""
    parts = {part: values.pop(f"%{part}") for part in "Yymd" if f"%{part}" in values}
    if not parts:
        return None
    year = int(parts["Y"]) if "Y" in parts else 2000 + int(parts["y"])
    try:
        return date(year, int(parts.get("m", "1")), int(parts.get("d", "1")))
    except ValueError:
        return _IMPOSSIBLE


def _match(tokens: Sequence[_Token], text: str) -> dict[str, str] | None:
    """The values of a text that the tokens cover whole; of several ways that in which earlier tokens reach further."""
    if not tokens:
        return None if text else {}
    if tokens[0].kind is None and not text.startswith(tokens[0].text):
        return None  # most addresses of a page
    reaches = _reaches(tokens, text)
    if reaches is None:
        return None
    values: dict[str, str] = {}
    at = 0
    for token, reach in zip(tokens, reversed(reaches), strict=True):
        end = reach[at]
        if token.name:
            values[token.name] = values.get(token.name, "") + text[at:end]
        if token.directive not in {"", "="}:
            values[f"%{token.directive}"] = text[at:end]
        at = end
    return values


def _reaches(tokens: Sequence[_Token], text: str) -> list[dict[int, int]] | None:
    """For each token, the last first: where it may begin, and the furthest end from which the rest still matches."""
    ends: dict[int, int] = {len(text): len(text)}
    reaches: list[dict[int, int]] = []
    for token in reversed(tokens):
        if token.kind is None:
            size = len(token.text)
            starts = {end - size: end for end in ends if end >= size and text.startswith(token.text, end - size)}
        else:
            starts = _runs(token, text, ends)
        if not starts:
            return None
        reaches.append(starts)
        ends = starts
    return reaches if 0 in ends else None


def _runs(token: _Token, text: str, ends: Mapping[int, int]) -> dict[int, int]:
    """Where a run may begin, with its furthest end. One pass from the end of the text to its start."""
    starts: dict[int, int] = {}
    waiting: list[int] = []  # ends in the run, the furthest first; only a bounded run has to know more than that one
    for at in range(len(text), -1, -1):
        if at < len(text) and not _belongs(text[at], token.kind):
            waiting.clear()
        if at in ends and (not waiting or token.most < MAX_ADDRESS):
            waiting.append(at)
        while waiting and waiting[0] - at > token.most:
            del waiting[0]
        if waiting and waiting[0] - at >= token.least:
            starts[at] = waiting[0]
    return starts


def _belongs(letter: str, kind: Class | None) -> bool:
    return "0" <= letter <= "9" if kind == "digits" else letter != _SEGMENT
