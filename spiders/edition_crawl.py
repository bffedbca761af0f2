"""One edition in one run: what it is to do, how far it came, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from spiders.pace import Descent

if TYPE_CHECKING:
    from crawler.listing.walk import Walk
    from crawler.records import Edition
    from crawler.sites.base import Site
    from storage.write.frontier.queue import Due
    from storage.write.walks import Coverage

Outcome = Literal["complete", "incomplete", "lost", "refused", "unreachable", "unrecognised"]
EXIT_CODES: Mapping[Outcome, int] = {
    "complete": 0,
    "incomplete": 3,
    "lost": 3,
    "refused": 4,
    "unreachable": 4,
    "unrecognised": 6,
}


@dataclass(slots=True)
class EditionCrawl:
    """One edition in one run.

    `inherited`: snapshots that a killed run left unread. `budget`: requests a day, None for any number. `closed`: why
    nothing more is asked; `rests`: for quiet hours. `lost`: stretches of time that the listing no longer reaches, in
    words. `unwritten`: why the archive cannot be written. `said`: the crawl before ended in the same way on the same
    day. `absent`: visits that did not find their article; `walls`: what the site as a whole does instead of showing
    its articles, a line each.
    """

    edition: Edition
    site: Site
    base_url: str | None
    crawl_id: int
    coverage: Coverage
    walk: Walk | None
    tried: set[int] = field(default_factory=set)
    listing_pages: int = 0
    failed: int = 0
    absent: int = 0
    walls: tuple[str, ...] = ()
    unrecognised: int = 0
    unwritten: str | None = None
    cut: str | None = None
    refused: str | None = None
    unreachable: str | None = None
    trouble: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    named: tuple[Due, ...] = ()
    inherited: set[int] = field(default_factory=set)
    done: bool = False
    descent: Descent = field(default_factory=Descent)
    budget: int | None = None
    closed: str | None = None
    rests: bool = False
    said: bool = False

    @property
    def hosts(self) -> frozenset[str]:
        """Hosts (with port, where one is named) that this crawl may ask."""
        if self.base_url is not None:
            return frozenset({urlsplit(self.base_url).netloc})
        return self.edition.hosts

    @property
    def stopped(self) -> str | None:
        """What ended the walk or the whole crawl before its work was done; None when nothing did."""
        return self.unwritten or self.refused or self.unreachable or self.closed or self.cut

    @property
    def outcome(self) -> Outcome:
        """How it went; the first that applies. A full disk comes first: only we can mend it, the site mends itself."""
        if self.unwritten:
            return "incomplete"
        if self.refused:
            return "refused"
        if self.unreachable:
            return "unreachable"
        if self.unrecognised:
            return "unrecognised"
        if self.closed or self.cut or self.failed or self.walls:
            return "incomplete"
        return "lost" if self.lost else "complete"

    @property
    def as_wished(self) -> bool:
        """Whether all was done, or all that quiet hours allow."""
        rested = self.rests and self.outcome == "incomplete" and not (self.failed or self.walls or self.unwritten)
        return self.outcome == "complete" or rested

    @property
    def message(self) -> str | None:
        """One line for people; None when all went well."""
        lost = [f"lost for ever: {stretch}" for stretch in self.lost]
        lines = [*lost, *([self.stopped] if self.stopped else []), *self.walls, *self.trouble]
        more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
        return f"{lines[0]}{more}" if lines else None
