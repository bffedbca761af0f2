"""How a newspaper looks: the ways in which BelTA has printed listings and articles over the years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from spiders.demo.dice import chance
from spiders.demo.stories import VIDEO, Story

Layout = Literal["lenta_info", "lenta_item", "news_item", "tl_item"]
Era = Literal["paragraphs", "nested", "stamp2018", "inner", "amp", "video"]

LAYOUTS: tuple[Layout, ...] = ("lenta_info", "lenta_item", "news_item", "tl_item")
ERAS: tuple[Era, ...] = ("paragraphs", "nested", "stamp2018", "inner", "amp")
"""Those that a dress can have: "video" is the era of video records, whatever the dress."""


@dataclass(frozen=True, slots=True)
class Dress:
    """`layout` of the listing; `eras` of the articles, of which each story has one by its key, for good.

    `absolute` links carry the agency's own host, others are site-relative. `fragments`: listing pages from the
    second on are the bare list without head and furniture. Both were reported of BelTA.
    """

    layout: Layout = "lenta_item"
    eras: tuple[Era, ...] = ("paragraphs", "nested")
    absolute: bool = False
    fragments: bool = False

    def era(self, story: Story) -> Era:
        """The era in which a story's page is printed: a video record has one of its own."""
        if story.rubric == VIDEO:
            return "video"
        return self.eras[int(chance("era", story.key) * len(self.eras))]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One request's view of a page: what surrounds the story.

    `visit` is different for every request unless the newspaper is calm, `path` the address asked for, `recent`
    the stories in the sidebar, `furniture` the bytes of menus, scripts and drawings that all pages share.
    """

    now: datetime
    path: str
    dress: Dress
    visit: int | None = None
    recent: Sequence[Story] = field(default=(), repr=False)
    furniture: int = 0
