"""The pages of the reading room. To add one, add the name of its module to `MODULES`."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from storage.web.request import Page

MODULES = ("front", "search", "article", "kept", "calendar", "crawls")
"""Modules of this package with `ROUTES`, in the order in which their patterns are tried."""


def routes() -> Iterator[tuple[str, Page]]:
    """Every page with the pattern of its path."""
    for name in MODULES:
        module: Any = importlib.import_module(f"{__name__}.{name}")
        yield from module.ROUTES
