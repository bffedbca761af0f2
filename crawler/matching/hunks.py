"""A change taken apart into pieces that can be found again in other articles: a template adds its own to all. Pure.

A hunk is one thing that went and came at one place. It has two digests, of its whole lines and of its words: the same
new paragraph in every article is found by its line, another form of a byline, under every name, by its words.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any, Final, TypeAlias

from crawler.matching.appearance import as_seen, picture_seen
from crawler.matching.content import Content, PhotoFacts, differences, visible
from crawler.matching.corrections import is_noted
from crawler.matching.diff import BREAK, FieldDiff, blocks, field_diffs, paragraphs, said, words

_ALIKE: Final = 0.5
"""Part of their words that two paragraphs share at least, to be one that was changed (Dice's coefficient)."""

_PATIENCE: Final = 400
"""Pairs of paragraphs that are compared; in a larger stretch that was rewritten, lines went and lines came."""

_NUMBER: Final = re.compile(r"\d+(?:[.,:\u00a0 ]\d+)*+")
_ANY: Final = "\ufffc"  # stands for a number

LINE: Final = "l"
WORDS: Final = "w"
"""What a digest is over, and its first letter."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """What went (`removed`) and came (`added`) at one place of a field.

    `line` is the whole paragraph or value around it, before and after.
    """

    field: str
    removed: str
    added: str
    line: tuple[str, str]

    @property
    def digests(self) -> tuple[str, ...]:
        """By its line, and by its words where these are less than the line; then by both without their figures, for a
        template adds a number of its own to each article ("Read 123 times"). Equal hunks, equal digests.

        None for a note of correction: an agency may put the same one under many stories.
        """
        if self.field in _TEXTS and is_noted(*self.line):
            return ()
        kinds = {LINE: self.line, WORDS: (self.removed.strip(), self.added.strip())}
        if (self.removed, self.added) == self.line:
            del kinds[WORDS]
        exact = [_digest(kind, self.field, *texts) for kind, texts in kinds.items()]
        return (*exact, *(_digest(kind, self.field, *form) for kind, texts in kinds.items() if (form := _form(texts))))

    @property
    def opposite(self) -> Hunk:
        """The change that takes this one back."""
        return Hunk(self.field, self.added, self.removed, self.line[::-1])


def _form(texts: tuple[str, str]) -> tuple[str, str] | None:
    """Both texts with one mark for every number; None without a number, and for numbers without words."""
    form = (_NUMBER.sub(_ANY, texts[0]), _NUMBER.sub(_ANY, texts[1]))
    return form if form != texts and any(map(str.isalpha, "".join(form))) else None


Strand: TypeAlias = list[str | Hunk]
"""A paragraph: what stayed, and what was changed in it, in order."""


@dataclass(frozen=True, slots=True)
class Hunks:
    """All that two versions of a story tell otherwise, in pieces."""

    before: Content = field(repr=False)
    after: Content = field(repr=False)
    texts: dict[str, list[Strand]] = field(repr=False)
    others: tuple[Hunk, ...] = field(repr=False)

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        """Every piece, in the order of the fields."""
        woven = (part for strands in self.texts.values() for strand in strands for part in strand)
        return (*(part for part in woven if isinstance(part, Hunk)), *self.others)

    def without(self, digests: AbstractSet[str]) -> tuple[FieldDiff, ...]:
        """The fields that differ, word by word, as if all hunks of these digests had been there before."""
        known = frozenset(hunk for hunk in self.hunks if not digests.isdisjoint(hunk.digests))
        columns = dict(self.before.columns)
        for name, strands in self.texts.items():
            columns[name] = _woven(strands, known) or None
        for name in ("published_at", "tags"):
            if _all_known(self.others, name, known):
                columns[name] = self.after.columns.get(name)
        shown = self.after.photos if _all_known(self.others, "photos", known) else self.before.photos
        return field_diffs(visible(differences(Content(columns, shown), self.after)))


def change_between(before: Content, after: Content) -> Hunks:
    """What the second tells otherwise. Of fields that follow from others, or that no reader minds, nothing is told."""
    fields = visible(differences(before, after))
    texts = {
        name: _strands(name, _text(was), _text(now))
        for name, (was, now) in fields.items()
        if name in _TEXTS and not (name == "lead" and _is_listings(before, after))
    }
    others = [
        *(_time(*fields["published_at"]) if "published_at" in fields else ()),
        *(_tags(*fields["tags"]) if "tags" in fields else ()),
        *(_photos(*fields["photos"]) if "photos" in fields else ()),
    ]
    return Hunks(before, after, texts, tuple(others))


def change_hash(hunks: Sequence[Hunk]) -> str | None:
    """A digest over all pieces of a change: equal changes, equal hash. None without any."""
    if not hunks:
        return None
    return _hashed([(hunk.field, hunk.removed.strip(), hunk.added.strip()) for hunk in hunks])


_TEXTS: Final = ("headline", "lead", "body", "author")


def _text(value: str | None) -> str:
    return BREAK.join(filter(None, (as_seen(paragraph) for paragraph in paragraphs(value or ""))))


def _is_listings(before: Content, after: Content) -> bool:
    """Whether a listing gave one of the leads: that is not on the page."""
    return any(json.loads(told.columns.get("sources") or "{}").get("lead") == "listing" for told in (before, after))


def _strands(name: str, before: str, after: str) -> list[Strand]:
    found: list[Strand] = []
    for same, old, new in blocks(paragraphs(before), paragraphs(after)):
        if same:
            found += [[paragraph] for paragraph in old]
        elif name != "body" and len(old) == len(new) == 1:  # a field of one line, which is another now
            found.append(_strand(name, old[0], new[0]))
        else:
            found += [_strand(name, was, now) for was, now in _pairs(old, new)]
    return found


def _strand(name: str, was: str, now: str) -> Strand:
    if not was or not now:
        return [Hunk(name, was, now, (was, now))]
    strand: Strand = []
    removed = added = ""
    for piece in words(was, now):
        if piece.kind == "-":
            removed += piece.text
        elif piece.kind == "+":
            added += piece.text
        else:
            if removed or added:
                strand.append(Hunk(name, removed, added, (was, now)))
                removed = added = ""
            strand.append(piece.text)
    if removed or added:
        strand.append(Hunk(name, removed, added, (was, now)))
    return strand


def _pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Paragraphs that were changed with what they became; those that went and came alone with an empty text."""
    if len(old) * len(new) > _PATIENCE:
        yield from zip_longest(old, (), fillvalue="")
        yield from (("", now) for now in new)
        return
    start = 0
    for was in old:
        at = next((at for at in range(start, len(new)) if _are_alike(was, new[at])), None)
        if at is None:
            yield was, ""
            continue
        yield from (("", now) for now in new[start:at])
        yield was, new[at]
        start = at + 1
    yield from (("", now) for now in new[start:])


def _are_alike(one: str, other: str) -> bool:
    counts, others = Counter(said(one)), Counter(said(other))
    return 2 * (counts & others).total() >= _ALIKE * (counts.total() + others.total())


def _woven(strands: Sequence[Strand], known: AbstractSet[Hunk]) -> str:
    """The text before, with the known hunks in it."""
    lines = (
        "".join(part if isinstance(part, str) else part.added if part in known else part.removed for part in strand)
        for strand in strands
    )
    return BREAK.join(filter(None, lines))


def _all_known(hunks: Sequence[Hunk], name: str, known: AbstractSet[Hunk]) -> bool:
    own = [hunk for hunk in hunks if hunk.field == name]
    return bool(own) and all(hunk in known for hunk in own)


def _time(was: str | None, now: str | None) -> Iterator[Hunk]:
    """By how much it moved: a site that prints its times in another zone moves all of them alike."""
    if was and now:
        moved = datetime.fromisoformat(now) - datetime.fromisoformat(was)
        yield Hunk("published_at", "", f"{moved.total_seconds():+.0f}", ("", f"{moved.total_seconds():+.0f}"))
    else:
        yield Hunk("published_at", "a time" if was else "", "a time" if now else "", (was or "", now or ""))


def _tags(was: str | None, now: str | None) -> Iterator[Hunk]:
    before, after = ({as_seen(tag) for tag in json.loads(tags or "[]")} for tags in (was, now))
    yield from (Hunk("tags", tag, "", (tag, "")) for tag in sorted(before - after))
    yield from (Hunk("tags", "", tag, ("", tag)) for tag in sorted(after - before))


def _photos(was: Sequence[PhotoFacts], now: Sequence[PhotoFacts]) -> Iterator[Hunk]:
    before, after = ([_shown(photo) for photo in shown] for shown in (was, now))
    gone = [photo for photo in before if photo not in after]
    come = [photo for photo in after if photo not in before]
    for url, caption in gone:
        to = next((photo for photo in come if _name(photo[0]) == _name(url)), None)
        if to is None:
            yield Hunk("photos", f"{url} {caption}", "", (f"{url} {caption}", ""))
            continue
        come.remove(to)
        if to[0] != url:
            removed, added = _moved(url, to[0])
            yield Hunk("photos", removed, added, (removed, added))
        if to[1] != caption:
            yield from (part for part in _strand("photos", caption, to[1]) if isinstance(part, Hunk))
    yield from (Hunk("photos", "", f"{url} {caption}", ("", f"{url} {caption}")) for url, caption in come)


def _shown(photo: PhotoFacts) -> tuple[str, str]:
    return picture_seen(str(photo[0])), as_seen(str(photo[1] or ""))


def _name(url: str) -> str:
    return url.rpartition("/")[2]


def _moved(before: str, after: str) -> tuple[str, str]:
    """The beginnings of two addresses of one file in which these differ: where its folder was, and where it is."""
    old, new = before.split("/"), after.split("/")
    while old and new and old[-1] == new[-1]:
        old.pop()
        new.pop()
    return "/".join(old), "/".join(new)


def _digest(kind: str, *parts: str) -> str:
    return f"{kind}:{_hashed(parts)[:32]}"


def _hashed(value: Any) -> str:  # noqa: ANN401 - what JSON can hold
    return hashlib.sha256(json.dumps(value, ensure_ascii=True).encode("ascii")).hexdigest()


# Whether a change is the site's or the agency's: what comes to all articles at once is no edit of each.
#
# A pure decision. Copies of one story count once. Visited are those articles of the same era that were looked at again
# since the beginning of the crawl that met the change first; what was published since had it from its beginning.

WINDOW: Final = timedelta(days=14)
"""How long after it was first seen a change is counted. One that was found to be a template's is known for ever."""

FEWEST: Final = {"l": 3, "w": 5}
"""Articles that must show it: the same line, or the same words within different lines."""

_SHARE: Final = 1 / 2  # of the articles visited since
_STAYS: Final = 1 / 3  # below, what was taken for a template turns out to be edits
_MANY: Final = 10  # articles with the very same line, which nobody writes by hand ...
_PART: Final = 1 / 10  # ... and which need not be most of those visited: a new dress is worn by new articles first


def is_template(kind: str, shown: int, visited: int, *, known: bool = False) -> bool:
    """Whether a change that `shown` of `visited` articles show was made in the template.

    `kind`: ``l`` for a whole line, ``w`` for words within lines. `known`: it was taken for one before; then less is
    enough.

    >>> is_template("l", 3, 3), is_template("l", 2, 2), is_template("l", 3, 20), is_template("w", 4, 4)
    (True, False, False, False)
    """
    if shown < FEWEST[kind]:
        return False
    share = _STAYS if known else _SHARE
    return shown >= share * visited or (kind == "l" and shown >= _MANY and shown >= _PART * visited)
