"""Invented stories: what the agency publishes, and so the truth that tests compare an archive with."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from spiders.demo.dice import dice
from spiders.demo.words import CAPTIONS, DATELINE_CREDIT, HEADLINES, KEPT, OPENINGS, SENTENCES, TAGS, WORDS

HOST = "demo.example"
MINSK = ZoneInfo("Europe/Minsk")
FIRST_ID = 100_000
VIDEO = "video"

# Shares of stories with an oddity that real pages show.
_NO_DATELINE, _ASCII_DASH, _NO_LEAD, _NO_PHOTO, _NO_CAPTION, _MORE_PHOTOS = 0.12, 0.2, 0.15, 0.3, 0.08, 0.12
_ODD_SLUG, _VIDEOS = 0.04, 0.03


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo of a story. `path` is site-relative; `caption` None where the page prints none."""

    path: str
    caption: str | None

    @property
    def url(self) -> str:
        """Absolute address under the agency's own host."""
        return f"https://{HOST}{self.path}"


@dataclass(frozen=True, slots=True)
class Story:
    """One story as published: what a reader of its page must find, whatever layout the page has.

    `published` is aware UTC to the minute; pages print it as Minsk wall clock. `lead` is the teaser of the
    listing, None where it has none. The first of `photos` is the main one. `slug` stands in the address as it
    is, percent signs included, and may be empty.
    """

    id: int
    year: int
    slug: str
    rubric: str
    headline: str
    lead: str | None = field(repr=False)
    paragraphs: tuple[str, ...] = field(repr=False)
    published: datetime
    photos: tuple[Picture, ...] = field(default=(), repr=False)
    tags: tuple[str, ...] = ()
    language: str = "en"

    @property
    def key(self) -> str:
        """``ID-YEAR``, unique within the agency (an ID alone is not); ``video-ID`` of a video record.

        >>> from datetime import UTC
        >>> Story(7, 2026, "x", "sport", "X", None, (), datetime(2026, 1, 1, tzinfo=UTC)).key
        '7-2026'
        """
        return f"{VIDEO}-{self.id}" if self.rubric == VIDEO else f"{self.id}-{self.year}"

    @property
    def path(self) -> str:
        """Site-relative address. That of a video record has no slug."""
        if self.rubric == VIDEO:
            return f"/{VIDEO}/getRecord/{self.id}/"
        return f"/{self.rubric}/view/{self.slug}-{self.key}/"

    @property
    def url(self) -> str:
        """Canonical address."""
        return f"https://{HOST}{self.path}"

    @property
    def text(self) -> str:
        """The body as an archive keeps it: paragraphs joined by a blank line."""
        return "\n\n".join(self.paragraphs)

    @property
    def captions(self) -> tuple[str, ...]:
        """Captions of the photos that have one, in page order, each once."""
        return tuple(photo.caption for photo in self.photos if photo.caption)

    @property
    def local(self) -> datetime:
        """`published` on the clock of Minsk."""
        return self.published.astimezone(MINSK)


class _Draw(dict[str, str]):
    """Fills a template's braces; words of `KEPT` stay what they were first drawn as."""

    def __init__(self, die: Random) -> None:
        self.die = die

    def __missing__(self, name: str) -> str:
        word = self["person"].split()[-1] if name == "surname" else self._other(name)
        if name in KEPT:
            self[name] = word
        return word

    def _other(self, name: str) -> str:
        word = self.die.choice(WORDS[name])
        # A second place or team is not the first one.
        return self._other(name) if name.endswith("2") and word == self.get(name[:-1]) else word

    def sentence(self, template: str) -> str:
        text = template.format_map(self)
        return text[:1].upper() + text[1:]


def slug_of(headline: str) -> str:
    """The address form of a headline: accents lost, apostrophes without a trace.

    >>> slug_of("Sören’s café: 3.5% up")
    'sorens-cafe-3-5-up'
    """
    plain = unicodedata.normalize("NFKD", re.sub(r"['’]", "", headline)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


@lru_cache(maxsize=16_384)
def write(seed: int, index: int, published: datetime, story_id: int | None = None) -> Story:
    """The story number `index` of an agency: the same words for the same arguments, always.

    `published` is aware; its seconds are lost, since pages print minutes. `story_id` defaults to
    ``100000 + index``.
    """
    die = dice(seed, "story", index)
    draw = _Draw(die)
    at = published.replace(second=0, microsecond=0)
    local = at.astimezone(MINSK)
    number = FIRST_ID + index if story_id is None else story_id
    if die.random() < _VIDEOS:
        return _video(die, draw, at, number)
    rubric = die.choice(tuple(HEADLINES))
    headline = draw.sentence(die.choice(HEADLINES[rubric]))
    opening = draw.sentence(die.choice(OPENINGS))
    return Story(
        id=number,
        year=local.year,
        slug=_slug(die, headline),
        rubric=rubric,
        headline=headline,
        lead=None if die.random() < _NO_LEAD else opening,
        paragraphs=_body(die, draw, opening, local),
        published=at,
        photos=_photos(die, draw, local, number),
        tags=tuple(die.sample(TAGS, die.randint(0, 3))),
    )


def _video(die: Random, draw: _Draw, at: datetime, number: int) -> Story:
    """A video record: a title, a description of one or two paragraphs, no teaser and no photo."""
    title = draw.sentence(die.choice(HEADLINES["culture"]))
    description = tuple(draw.sentence(template) for template in die.sample(SENTENCES, die.randint(1, 2)))
    return Story(number, at.astimezone(MINSK).year, "", VIDEO, title, None, description, at)


def _slug(die: Random, headline: str) -> str:
    slug = slug_of(headline)
    if die.random() >= _ODD_SLUG:
        return slug
    # Each was seen: no slug at all, dots, a broken no-break space in percent signs.
    return die.choice(("", slug.replace("-", "-13.-", 1), slug.replace("-", "-%EF%BF%BE", 1)))


def _body(die: Random, draw: _Draw, opening: str, local: datetime) -> tuple[str, ...]:
    first = opening if die.random() < _NO_DATELINE else f"{_dateline(die, draw, local)} {opening}"
    rest = die.sample(SENTENCES, die.randint(3, 14))
    return (first, *_paragraphs(die, [draw.sentence(template) for template in rest]))


def _dateline(die: Random, draw: _Draw, local: datetime) -> str:
    dash = "-" if die.random() < _ASCII_DASH else "–"
    return f"{draw['place'].upper()}, {local.day} {WORDS['month'][local.month - 1]} ({DATELINE_CREDIT}) {dash}"


def _paragraphs(die: Random, sentences: list[str]) -> list[str]:
    paragraphs: list[str] = []
    while sentences:
        # Two paragraphs at least follow the first, however few sentences there are.
        take = 1 if len(sentences) + len(paragraphs) < 4 else die.choice((1, 1, 2, 2, 3))  # noqa: PLR2004
        paragraphs.append(" ".join(sentences[:take]))
        del sentences[:take]
    return paragraphs


def _photos(die: Random, draw: _Draw, local: datetime, number: int) -> tuple[Picture, ...]:
    if die.random() < _NO_PHOTO:
        return ()
    count = die.randint(2, 4) if die.random() < _MORE_PHOTOS else 1
    captions = [draw.sentence(template) for template in die.sample(CAPTIONS, count)]
    folder, epoch = f"/images/storage/news/with_archive/{local.year}", int(local.timestamp())
    return tuple(
        Picture(
            f"{folder}/{19 + place:06}_{epoch + place}_{number}_big.jpg",
            None if die.random() < _NO_CAPTION else caption,
        )
        for place, caption in enumerate(captions)
    )
