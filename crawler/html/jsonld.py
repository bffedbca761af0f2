"""JSON-LD of a page: every object in its scripts, however the scripts are broken, and a way to follow references.

Scripts are hostile like all else: they are cut at `MAX_SCRIPT`, nesting that exhausts the decoder is ignored, and every
walk is iterative and counted.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any, Final, TypeAlias

from crawler.html.markup import Element

Node: TypeAlias = Mapping[str, Any]

MAX_SCRIPT: Final = 2_000_000
"""Characters of one script. Live blogs have some 500,000."""

MAX_SCRIPTS: Final = 100
MAX_NODES: Final = 20_000
"""Objects of a page that are looked at, and values of a list that are handed out."""

_MAX_TEXTS: Final = 1000
_MAX_ROUNDS: Final = 50  # objects written one after the other in one script
_OPENINGS: Final = ("<!--", "//<![CDATA[", "// <![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA[")
_CLOSINGS: Final = ("-->", "//]]>", "// ]]>", "/*]]>*/", "/* ]]> */", "]]>", ";")
_WRAPPED: Final = 3  # times
# A string first, so that nothing in it is taken for anything else; one without end is one to the end.
_TRAILING_COMMA: Final = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\Z))|,(?=\s*+[}\]])', re.DOTALL)
_WRONG_ESCAPE: Final = re.compile(r'\\(["\\/bfnrt]|u[0-9a-fA-F]{4}|)')
_LEFT_OVER: Final = "}]); \t\r\n"
_BETWEEN: Final = re.compile(r"[\s,;]*+")
_SALVAGED: Final = re.compile(r'"(datePublished|dateModified|headline|articleSection)"\s*+:\s*+"((?:[^"\\]|\\.)*+)"')
_SAYS_ARTICLE: Final = re.compile(r'"@type"\s*+:\s*+(?:\[\s*+)?+"(\w*+)"')


@dataclass(frozen=True, slots=True, eq=False)
class LinkedData:
    """The JSON-LD of a page.

    `top` are its objects in the order of the page, those of lists and of ``@graph`` one by one. `by_id` are all objects
    that have an ``@id`` and say something, wherever they stand.
    """

    top: Sequence[Node] = ()
    by_id: Mapping[str, Node] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, root: Element) -> LinkedData:
        """Everything that the scripts of a page hold."""
        scripts = (node for node in root.iter("script") if "ld+json" in (node.get("type") or "").lower())
        values = [value for _, node in zip(range(MAX_SCRIPTS), scripts, strict=False) for value in decoded(node.text)]
        top = tuple(_objects(values))
        return cls(top, {name: node for node in reversed(list(_every(top))) if (name := _own_name(node)) is not None})

    def resolve(self, value: object) -> object:
        """An object instead of a mere reference to it (``{"@id": "#person"}``), where the page has that object."""
        if isinstance(value, Mapping) and set(value) <= {"@id", "@type"} and isinstance(value.get("@id"), str):
            return self.by_id.get(value["@id"], value)
        return value

    def values(self, node: Node, *names: str) -> list[Any]:
        """The values of the first of the properties that has any, as a list with references resolved."""
        for name in names:
            found = [self.resolve(value) for value in as_list(node.get(name))]
            if found := [value for value in found if value is not None and value not in ("", {})]:
                return found
        return []

    def texts(self, node: Node, *names: str) -> list[str]:
        """The same as texts: of an object its name. Others are left out."""
        return [text for value in self.values(node, *names) if (text := text_of(value)) is not None]


def types_of(node: Node) -> frozenset[str]:
    """The types of an object without their vocabulary: ``https://schema.org/NewsArticle`` is ``NewsArticle``."""
    return frozenset(
        name.rstrip("/#").replace("#", "/").rpartition("/")[2].removeprefix("schema:")
        for name in as_list(node.get("@type", node.get("type")))
        if isinstance(name, str)
    )


def as_list(value: object) -> list[Any]:
    """A value that may be one, several or none, as a list."""
    if isinstance(value, Mapping) and set(value) == {"@list"}:
        value = value["@list"]
    if value is None:
        return []
    return value[:_MAX_TEXTS] if isinstance(value, list) else [value]


def text_of(value: object) -> str | None:
    """The text that a value is, or that names it (``name``, ``@value``); None for anything else and for white space."""
    if isinstance(value, Mapping):
        value = next((value[key] for key in ("name", "@value", "headline") if value.get(key)), None)
    if isinstance(value, list) and value:
        value = value[0]
    return unescape(value) if isinstance(value, str) and value.strip() else None


def address_of(value: object) -> str | None:
    """The address that a value is, or that an object gives (``url``, ``@id``, ``contentUrl``)."""
    if isinstance(value, Mapping):
        found = (value.get(key) for key in ("url", "contentUrl", "@id"))
        value = next((one for one in found if isinstance(one, str) and one.strip()), None)
    return value.strip() if isinstance(value, str) and value.strip() else None


def decoded(text: str | None) -> list[Any]:
    """The JSON values of a script, mended where that can be done without a guess; what cannot be read gives nothing."""
    text = _unwrapped((text or "")[:MAX_SCRIPT])
    if not text:
        return []
    for mended in _versions(text):
        try:
            return [json.loads(mended, strict=False)]
        except ValueError:
            if values := _one_after_the_other(mended):
                return values
        except RecursionError:
            return []
    return _salvaged(text)


def _unwrapped(text: str) -> str:
    """A script without what hides it from programs that do not know scripts."""
    for _ in range(_WRAPPED):
        text = text.strip()
        for opening in _OPENINGS:
            text = text.removeprefix(opening)
        for closing in _CLOSINGS:
            text = text.removesuffix(closing)
    return text.strip()


def _versions(text: str) -> Iterator[str]:
    """The script as it is, then with what is often wrong in one mended: entities, stray escapes, final commas."""
    yield text
    if "&quot;" in text and '"' not in text:
        text = unescape(text)
    if "\\" in text:
        text = _WRONG_ESCAPE.sub(lambda match: match[0] if match[1] else "\\\\", text)
    yield _TRAILING_COMMA.sub(lambda match: match[1] or "", text)


def _one_after_the_other(text: str) -> list[Any]:
    """Objects with nothing but white space, commas or semicolons between them, and no more than brackets behind."""
    decoder = json.JSONDecoder(strict=False)
    values: list[Any] = []
    at = 0
    for _ in range(_MAX_ROUNDS):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return values if values and not text[at:].strip(_LEFT_OVER) else []
        values.append(value)
        rest = _BETWEEN.match(text, at)
        at = rest.end() if rest else at
        if at >= len(text):
            return values
    return []


def _salvaged(text: str) -> list[Any]:
    """What a broken script says of its one article: properties that it names a single time."""
    types = [name for name in _SAYS_ARTICLE.findall(text) if name.endswith("Article")]
    if len(types) != 1:
        return []
    found: dict[str, list[str]] = {}
    for name, value in _SALVAGED.findall(text):
        found.setdefault(name, []).append(value)
    node = {name: values[0] for name, values in found.items() if len(values) == 1}
    return [{"@type": types[0], **node}] if node else []


def _objects(values: Sequence[Any]) -> Iterator[Node]:
    """The objects of lists and graphs, in order."""
    waiting, count = deque(values), 0
    while waiting and count < MAX_NODES:
        value = waiting.popleft()
        count += 1
        if isinstance(value, list):
            waiting.extendleft(reversed(value[:MAX_NODES]))
        elif isinstance(value, dict):
            graph = value.get("@graph")
            if isinstance(graph, list | dict):
                waiting.extendleft(reversed(graph[:MAX_NODES] if isinstance(graph, list) else [graph]))
            if set(value) - {"@context", "@graph", "@id"}:
                yield value


def nested(node: Node, names: Sequence[str] | None = None) -> Iterator[Node]:
    """The objects within one, itself first: those under properties of these names, or under all."""
    waiting: deque[object] = deque([node])
    count = 0
    while waiting and count < MAX_NODES:
        value = waiting.popleft()
        count += 1
        if isinstance(value, list):
            waiting.extend(value[:MAX_NODES])
        elif isinstance(value, Mapping):
            yield value
            inner = value.values() if names is None else (value[name] for name in names if name in value)
            waiting.extend(one for one in inner if isinstance(one, list | dict))


def _every(top: Sequence[Node]) -> Iterator[Node]:
    yield from nested({"@graph": list(top)})


def _own_name(node: Node) -> str | None:
    name = node.get("@id")
    return name if isinstance(name, str) and set(node) - {"@id", "@type"} else None
