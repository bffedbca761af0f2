"""A page of any site, with everything that its fields are read from."""

from __future__ import annotations

from functools import cached_property

from crawler.html.jsonld import Node
from crawler.html.microdata import Item
from crawler.sites.generic.facts import Facts
from crawler.sites.generic.structured import linked_articles, marked_article


class Page(Facts):
    """The facts of a page, and which of them are about the article that it is."""

    @cached_property
    def nodes(self) -> list[Node]:
        """The objects of the JSON-LD that describe the article, the best first."""
        return linked_articles(self)

    @cached_property
    def item(self) -> Item | None:
        """The item of the microdata that is the article."""
        return marked_article(self)
