"""The body of a page by trafilatura, which is imported when the first page needs it.

It is asked for the body alone: its dates are not to be trusted. It gets a copy of the tree without what is never part
of a body. Its answer tells which of the page's own passages are the story; it is not the text that is kept.
"""

from __future__ import annotations

import logging
from copy import deepcopy
from itertools import islice
from typing import Final

from lxml import etree

from crawler.html.markup import Element

MAX_ELEMENTS: Final = 20_000
"""Of a page. Live blogs have some 8,000; some steps of trafilatura take the square of their number."""

_NEVER: Final = ("script", "style", "figure", "figcaption", "noscript", "template", "iframe", "svg", "select")


def extracted(root: Element) -> list[str] | None:
    """The lines of the body that trafilatura finds; none where it finds nothing. None where it is not asked: it is not
    installed (the extra ``body``), or the page has more elements than it reads in reasonable time.
    """
    if len(list(islice(root.iter(), MAX_ELEMENTS))) == MAX_ELEMENTS:
        return None
    try:
        from trafilatura.core import bare_extraction  # noqa: PLC0415 - 0.2 s, which only pages of no known site cost
    except ImportError:
        return None
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # a page without a body is no news here
    tree = deepcopy(root)
    etree.strip_elements(tree, *_NEVER, with_tail=False)
    markup = etree.tostring(tree, encoding="unicode", method="html")
    found = bare_extraction(markup, include_comments=False, favor_precision=True)
    text = getattr(found, "text", None)
    return text.splitlines() if isinstance(text, str) else []
