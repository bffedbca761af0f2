"""The front page."""

from __future__ import annotations

from storage.web.visit import Response, Visit


async def front_page(visit: Visit) -> Response:
    """What is here."""
    return await visit.show("front.html")


ROUTES = ((r"/$", front_page),)
