"""The "All news" pages, in the four layouts in which BelTA has printed them.

They keep the agency's oddities: the first link of an item is its rubric's, leads stand in one another, the month
of a separator starts with a dot, a page may begin in the middle of a day, and the address of the next page
carries a date that selects nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape

from spiders.demo.dice import chance
from spiders.demo.dress import Layout, Sheet
from spiders.demo.furniture import shell
from spiders.demo.stories import HOST, Story
from spiders.demo.words import RUBRICS

_LEAD_TWICE = 0.2


@dataclass(frozen=True, slots=True)
class ListingSheet:
    """One page of the listing. `above` is the last story of the page before, whose day needs no separator here;
    `last` says that no page follows, so there is no button for one.
    """

    sheet: Sheet
    page: int
    stories: Sequence[Story] = field(repr=False)
    above: Story | None = None
    pinned: Sequence[Story] = ()
    last: bool = False


def listing(view: ListingSheet) -> str:
    """The page as HTML: whole, or from the second on a fragment where the dress says so."""
    inner = f"<h1>All News</h1>{_pinned(view)}\n{_items(view)}{_more(view)}"
    if view.sheet.dress.fragments and view.page > 1:
        return inner
    return shell(view.sheet, "All news", f'<div class="content_margin"><div id="inner">{inner}</div></div>')


def _items(view: ListingSheet) -> str:
    item = _LAYOUTS[view.sheet.dress.layout]
    day = None if view.above is None else view.above.local.date()
    parts: list[str] = []
    for story in view.stories:
        if story.local.date() != day:
            day = story.local.date()
            parts.append(_separator(day))
        parts.append(item(story, view.sheet))
    return "\n".join(parts)


def _separator(day: date) -> str:
    month = f'<div class="month_year"><span>.</span>{day:%m.%y}</div>'
    return f'<div class="new_date"><div class="day">{day:%d}</div>{month}</div>'


def _more(view: ListingSheet) -> str:
    if view.last or not view.stories:
        return ""
    day = view.stories[-1].local
    address = f"/all_news/page/{view.page + 1}/?day={day:%d}&amp;month={day:%m}&amp;year={day:%y}/"
    return f"\n<div class=\"load_more\" onclick=\"get_page('{address}','inner','1')\">Load more</div>"


def _pinned(view: ListingSheet) -> str:
    return "".join(
        f'<div class="main_in_rubric"><a href="{href(story, view.sheet)}">{escape(_caption(story))} '
        f"{escape(story.headline)}</a></div>"
        for story in view.pinned
    )


def href(story: Story, sheet: Sheet) -> str:
    """The story's address as this newspaper prints links."""
    return escape(story.url if sheet.dress.absolute else story.path)


def _caption(story: Story) -> str:
    return next(iter(story.captions), "")


def _lenta_item(story: Story, sheet: Sheet) -> str:
    link, title = href(story, sheet), escape(story.headline)
    photo = f'<div class="lenta_img"><img src="{story.photos[0].path}" alt=""></div>' if story.photos else ""
    return (
        f'<div class="news_item lenta_item">{photo}<div class="date">{story.local:%H:%M} '
        f'<a class="date_rubric" href="https://{HOST}/{story.rubric}/">{RUBRICS[story.rubric]}</a></div>'
        f'<a href="{link}" title="{title}"><span class="lenta_item_title">{title}</span>'
        f"{_lead(story, 'span')}</a></div>"
    )


def _lenta_info(story: Story, sheet: Sheet) -> str:
    return (
        f'<div class="lenta_info"><div class="date">{story.local:%H:%M}</div>'
        f'<a class="lenta_info_title" href="{href(story, sheet)}">{escape(story.headline)}</a>'
        f"{_lead(story, 'div')}</div>"
    )


def _lead(story: Story, tag: str) -> str:
    if story.lead is None:
        return ""
    text = escape(story.lead)
    if chance("lead twice", story.key) < _LEAD_TWICE:
        return f'<{tag} class="lenta_textsmall">{text}<{tag} class="lenta_textsmall">{text}</{tag}></{tag}>'
    broken = text.replace(", ", ",\r\n", 1)  # hard line breaks in the middle of a sentence are the agency's own
    return f'<{tag} class="lenta_textsmall">{broken}</{tag}>'


def _tl_item(story: Story, sheet: Sheet) -> str:
    return (
        f'<div class="tl_item"><a href="{href(story, sheet)}">'
        f'<div class="tl_date"><span>{story.local:%H:%M}</span></div>'
        f'<div class="tl_news">{escape(story.headline)}</div>'
        f'<div class="tl_node">{RUBRICS[story.rubric]}</div></a></div>'
    )


def _news_item(story: Story, sheet: Sheet) -> str:
    link, at = href(story, sheet), story.local
    caption = f'<div class="caption">{escape(_caption(story))}</div>' if story.captions else ""
    lead = f'<div class="rubric_item_text">{escape(story.lead)}</div>' if story.lead else ""
    return (
        f'<div class="news_item">{caption}<a class="rubric_item_title" href="{link}" title="{escape(story.headline)}">'
        f'{escape(story.headline)}</a><div class="date">{at.day} {at:%B}, {at:%H:%M}</div>{lead}</div>'
    )


_LAYOUTS: dict[Layout, Callable[[Story, Sheet], str]] = {
    "lenta_info": _lenta_info,
    "lenta_item": _lenta_item,
    "news_item": _news_item,
    "tl_item": _tl_item,
}


# The home page: also what stands in an article's place when the newspaper errs with status 200.


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
