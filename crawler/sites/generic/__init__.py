"""The reader of any news site's article: by the web's formats alone, without a rule for any site."""

from __future__ import annotations

from crawler.sites.generic.articles import (
    DAY_ONLY,
    ERA,
    GenericPage,
    language_of,
    read_article,
    read_page,
    refuse_other,
)
from crawler.sites.generic.times import When

__all__ = ["DAY_ONLY", "ERA", "GenericPage", "When", "language_of", "read_article", "read_page", "refuse_other"]
