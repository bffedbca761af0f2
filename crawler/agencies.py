"""What the agencies call themselves. Beside crawler/sites, not in it: whoever cites an article needs no parsers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

AGENCIES: Final[Mapping[str, str]] = {"belta": "BelTA", "demo": "Demo Wire"}
"""Name of a site -> name of the agency."""


def agency(edition: str) -> str:
    """Who publishes an edition; the edition's own name where nobody knows.

    >>> agency("belta-eng"), agency("nowhere")
    ('BelTA', 'nowhere')
    """
    return AGENCIES.get(edition.partition("-")[0], edition)
