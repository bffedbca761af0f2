"""The home page: also what stands in an article's place when the newspaper errs with status 200."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from spiders.demo.dress import Sheet
from spiders.demo.furniture import shell
from spiders.demo.listings import href
from spiders.demo.stories import Story


def home(sheet: Sheet, stories: Sequence[Story]) -> str:
    """The home page with some stories on it, as HTML."""
    first = "".join(_title(story, sheet) for story in stories[:5])
    rest = "".join(_news(story, sheet) for story in stories[5:])
    body = f'<div class="fp_block">{first}</div><div class="fp_block rubricNews">{rest}</div>'
    return shell(sheet, "Demo News Agency", body)


def _title(story: Story, sheet: Sheet) -> str:
    headline = escape(story.headline)
    return f'<div class="fp_r_title"><a href="{href(story, sheet)}" title="{headline}">{headline}</a></div>'


def _news(story: Story, sheet: Sheet) -> str:
    headline, link = escape(story.headline), href(story, sheet)
    pictures = "".join(f'<img src="{photo.path}" alt="">' for photo in story.photos[:1])
    photo = f'<a class="rubricNews_item_img news_with_rubric_img" href="{link}">{pictures}</a>' if pictures else ""
    return f'<div class="rubricNews_item">{photo}<a href="{link}" title="{headline}">{headline}</a></div>'
