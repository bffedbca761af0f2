"""How much work a regular expression makes of a text, counted, not timed: a backtracking matcher that counts its steps.

It reads the tree that Python's own compiler makes and tries what Python's matcher tries, without its shortcuts: what
takes few steps here takes few there. Not for anything but counting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from re import _constants as sre  # type: ignore[attr-defined]  # not public, and the only way to see the tree
from re import _parser  # type: ignore[attr-defined]  # the same
from typing import Any, Final

Node = tuple[Any, Any]
LONGEST: Final = 200_000


class TooMuch(Exception):
    """More steps than anybody should wait for."""


class Counter:
    """Matches a pattern and counts what is looked at: one step a node of the pattern and place in the text."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self.pattern = pattern
        self.flags = pattern.flags
        self.tree = list(_parser.parse(pattern.pattern, pattern.flags))
        self.steps = 0

    def count(self, text: str, *, anywhere: bool) -> int:
        """Steps that a match at the beginning takes, or a search `anywhere`. Raises TooMuch."""
        self.steps = 0
        self.text = text
        self.spans: dict[int, tuple[int, int]] = {}
        for start in range(len(text) + 1 if anywhere else 1):
            if next(self._ends(self.tree, start), None) is not None:
                break
        return self.steps

    def _step(self) -> None:
        self.steps += 1
        if self.steps > LONGEST:
            raise TooMuch(self.pattern.pattern)

    def _ends(self, nodes: Sequence[Node], at: int) -> Iterator[int]:
        """Where a match of these nodes may end, in the order in which they are tried."""
        if not nodes:
            yield at
            return
        for end in self._one(nodes[0], at):
            yield from self._ends(nodes[1:], end)

    def _one(self, node: Node, at: int) -> Iterator[int]:  # noqa: C901, PLR0912 - a case a kind of node
        kind, what = node
        self._step()
        if kind in {sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN, sre.CATEGORY, sre.RANGE}:
            if at < len(self.text) and self._fits(node, self.text[at]):
                yield at + 1
        elif kind in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}:
            least, most, inner = what
            yield from self._repeat(kind, least, most, inner, at)
        elif kind is sre.BRANCH:
            for branch in what[1]:
                yield from self._ends(list(branch), at)
        elif kind is sre.SUBPATTERN:
            for end in self._ends(list(what[3]), at):
                if what[0] is not None:
                    self.spans[what[0]] = (at, end)
                yield end
        elif kind is sre.ATOMIC_GROUP:
            yield from list(self._ends(list(what), at))[:1]
        elif kind in {sre.ASSERT, sre.ASSERT_NOT}:
            if what[0] > 0:
                found = next(self._ends(list(what[1]), at), None) is not None
            else:
                low, _ = what[1].getwidth()
                found = at >= low and at in set(self._ends(list(what[1]), at - low))
            if found == (kind is sre.ASSERT):
                yield at
        elif kind is sre.GROUPREF:
            start, end = self.spans.get(what, (0, 0))
            if self.text.startswith(self.text[start:end], at):
                yield at + end - start
        elif kind is sre.AT:
            if self._stands(what, at):
                yield at
        else:
            raise NotImplementedError(str(kind))

    def _repeat(self, kind: Any, least: int, most: Any, inner: Any, at: int) -> Iterator[int]:  # noqa: ANN401 - of sre
        nodes = list(inner)
        most = len(self.text) + 1 if most is sre.MAXREPEAT else _few(least, most)
        if len(nodes) == 1 and nodes[0][0] in {sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN}:
            ends = [at]
            while len(ends) <= most and next(self._one(nodes[0], ends[-1]), None) is not None:
                ends.append(ends[-1] + 1)
            found = ends[least:]
            yield from found if kind is sre.MIN_REPEAT else reversed(found)
            return
        yield from self._turns(nodes, at, 0, least, most)

    def _turns(self, nodes: list[Node], at: int, done: int, least: int, most: int) -> Iterator[int]:
        if done < most:
            for end in self._ends(nodes, at):
                if end > at:
                    yield from self._turns(nodes, end, done + 1, least, most)
                elif done < least:
                    yield end
        if done >= least:
            yield at

    def _stands(self, what: Any, at: int) -> bool:  # noqa: ANN401 - of sre
        name = str(what)
        if "BOUNDARY" in name:
            before = at > 0 and (self.text[at - 1].isalnum() or self.text[at - 1] == "_")
            after = at < len(self.text) and (self.text[at].isalnum() or self.text[at] == "_")
            return (before != after) != ("NON" in name)
        return at == 0 if "BEGINNING" in name else at >= len(self.text)

    def _fits(self, node: Node, sign: str) -> bool:
        kind, what = node
        if kind is sre.LITERAL:
            return ord(sign) == what or (bool(self.flags & re.IGNORECASE) and sign.lower() == chr(what).lower())
        if kind is sre.NOT_LITERAL:
            return bool(ord(sign) != what)
        if kind is sre.ANY:
            return sign != "\n" or bool(self.flags & re.DOTALL)
        if kind is sre.RANGE:
            low, high = what
            return low <= ord(sign) <= high or (
                bool(self.flags & re.IGNORECASE)
                and any(low <= ord(other) <= high for other in {sign.lower(), sign.upper()} if len(other) == 1)
            )
        if kind is sre.CATEGORY:
            return _in_category(str(what), sign)
        negated = bool(what) and what[0][0] is sre.NEGATE
        return any(self._fits(one, sign) for one in what[negated:]) != negated


def _few(least: int, most: Any) -> int:  # noqa: ANN401 - of sre
    """A bounded repetition is taken for one of a few: it costs a constant, which would hide how the work grows."""
    return max(least, min(int(most), 3))


def _in_category(name: str, sign: str) -> bool:
    if "DIGIT" in name:
        found = sign.isdecimal()
    elif "SPACE" in name:
        found = sign.isspace()
    else:
        found = sign.isalnum() or sign == "_"
    return found != ("NOT" in name)


def attacks(counter: Counter, size: int) -> Iterator[str]:
    """Texts meant to be hard: what the pattern wants, with each of its repetitions driven to `size`, and cut off or
    spoiled at the end; and each of its characters again and again.
    """
    signs = sorted({*_signs(counter.tree), " ", "a", "1"})[:24]
    yield from (sign * size for sign in signs)
    yield from ("".join(pair) * (size // 2) for pair in pairwise(signs))
    for place in range(_repeats(counter.tree)):
        pumped = "".join(_example(counter.tree, place, size))
        yield pumped + "\0"
        yield pumped[:-1]
        yield pumped * 2
        yield pumped[: size // 2] * 2 + "\0"
    whole = "".join(_example(counter.tree, -1, 1)) or "a"
    yield (whole * (size // len(whole) + 1))[:size] + "\0"
    yield (whole[:-1] or "a") * (size // len(whole) + 1)


def _inside(node: Node) -> list[list[Node]]:
    kind, what = node
    if kind in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}:
        return [list(what[2])]
    if kind is sre.SUBPATTERN:
        return [list(what[3])]
    if kind is sre.BRANCH:
        return [list(branch) for branch in what[1]]
    if kind is sre.ATOMIC_GROUP:
        return [list(what)]
    return []


def _signs(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        if node[0] in {sre.LITERAL, sre.IN, sre.ANY, sre.NOT_LITERAL}:
            yield _sample(node)
        for inner in _inside(node):
            yield from _signs(inner)


def _sample(node: Node) -> str:
    """A character that fits."""
    kind, what = node
    if kind is sre.LITERAL:
        return chr(what)
    counter = Counter(re.compile(""))
    return next((sign for sign in "a1 -/.:\"'|\t\n;,(А中" if counter._fits(node, sign)), "") or (
        chr(what[0][1][0]) if kind is sre.IN and what[0][0] is sre.RANGE else "x"
    )


def _repeats(nodes: Sequence[Node]) -> int:
    own = sum(node[0] in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT} for node in nodes)
    return own + sum(_repeats(inner) for node in nodes for inner in _inside(node))


def _example(nodes: Sequence[Node], pump: int, size: int) -> list[str]:
    """A text that fits, with repetition number `pump` (from 0) driven as far as it goes, at most to `size`."""
    parts: list[str] = []
    for node in nodes:
        kind, what = node
        if kind in {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}:
            inner = "".join(_example(what[2], pump - 1, size))
            most = size if what[1] is sre.MAXREPEAT else _few(what[0], what[1])
            times = max(what[0], most // max(len(inner), 1)) if pump == 0 else max(what[0], min(1, most))
            parts.append(inner * times)
            pump -= 1 + _repeats(what[2])
        elif kind is sre.BRANCH:
            parts.extend(_example(list(what[1][0]), pump, size))
            pump -= sum(_repeats(branch) for branch in what[1])
        elif (inside := _inside(node)) != []:
            parts.extend(_example(inside[0], pump, size))
            pump -= _repeats(inside[0])
        elif kind in {sre.LITERAL, sre.IN, sre.ANY, sre.NOT_LITERAL}:
            parts.append(_sample(node))
    return parts
