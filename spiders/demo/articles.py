"""An article's page, in the eras in which BelTA has printed them."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from spiders.demo.bodies import inline, nested, paragraphs
from spiders.demo.dice import chance, dice
from spiders.demo.dress import Era, Sheet
from spiders.demo.furniture import shell
from spiders.demo.stories import HOST, Picture, Story
from spiders.demo.words import RUBRICS

_MAIN_IMG = 0.5


def article(story: Story, sheet: Sheet, era: Era) -> str:
    """The story's page as HTML."""
    return _ERAS[era](story, sheet)


def _paragraphs(story: Story, sheet: Sheet) -> str:
    body = f'<div class="js-mediator-article">{paragraphs(story)}{_tail(story)}</div>'
    return _page(story, sheet, f"{_rubric(story)}{_date_full(story)}{_h1(story)}{_photos(story)}{body}")


def _nested(story: Story, sheet: Sheet) -> str:
    body = f'<div class="js-mediator-article" itemprop="articleBody">{nested(story)}</div>{_tail(story)}'
    return _page(story, sheet, f"{_rubric(story)}{_date_full(story)}{_h1(story)}{_photos(story)}{body}")


def _stamp2018(story: Story, sheet: Sheet) -> str:
    """Before the redesign of 2018: the title first, then rubric and date in figures."""
    stamp = f"{RUBRICS[story.rubric]} {story.local:%d.%m.%Y | %H:%M}"
    body = f'<div class="text">{paragraphs(story)}</div><a href="/printv{story.path}">Print version</a>'
    main = f'{_h1(story)}<div class="date">{stamp}</div>{_photos(story)}{body}{_tags(story)}'
    return shell(sheet, story.headline, f'<div class="main">{main}</div>')


def _inner(story: Story, sheet: Sheet) -> str:
    """No printed date at all: only the head knows it."""
    body = f'<div class="inner_content">{nested(story)}</div>{_tail(story)}'
    return _page(story, sheet, f"{_h1(story)}{_photos(story)}{body}")


def _amp(story: Story, _: Sheet) -> str:
    die = dice("body", story.key)
    body = "\n".join(f"<p>{inline(text, die)}</p>" for text in story.paragraphs)
    pictures = "".join(map(_figure, story.photos))
    return (
        f'<!doctype html>\n<html amp lang="en"><head><meta charset="utf-8"><title>{escape(story.headline)}</title>'
        f'<link rel="canonical" href="{escape(story.url)}"><script async src="https://cdn.{HOST}/v0.js"></script>'
        f'</head><body><div class="content"><h1>{escape(story.headline)}</h1>'
        f'<div class="date">{story.local:%Y-%m-%d %H:%M}</div>{pictures}'
        f'<div class="text">{body}</div></div></body></html>\n'
    )


def _figure(photo: Picture) -> str:
    caption = escape(photo.caption or "")
    image = f'<amp-img src="{photo.path}" alt="{caption}" width="850" height="550"></amp-img>'
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f"<figure>{image}{below}</figure>"


def _video(story: Story, sheet: Sheet) -> str:
    """A video's record: the time before the date, and the text is a description."""
    at = story.local
    description = "".join(f"<p>{escape(text)}</p>" for text in story.paragraphs)
    main = (
        f'<h1>{escape(story.headline)}</h1><div class="video_date">Video {at:%H:%M} {at.day} {at:%B} {at.year}</div>'
        f'<div class="video_add"><iframe src="/video/embed/{story.id}"></iframe></div>'
        f'<div class="text">{description}</div>'
    )
    return shell(sheet, story.headline, f'<div class="main">{main}</div>')


def _page(story: Story, sheet: Sheet, main: str) -> str:
    return shell(sheet, story.headline, f'<div class="content_margin">{main}</div>', _head(story))


def _head(story: Story) -> str:
    """Times are Minsk's: one without a zone, one with an offset that is false, as on the real pages."""
    at, title = story.local, escape(story.headline)
    lead = f'<meta property="og:description" content="{escape(story.lead)}">' if story.lead else ""
    return (
        f'<meta property="article:published_time" content="{at:%Y-%m-%d %H:%M:%S}">'
        f'<meta name="mediator_published_time" content="{at:%Y-%m-%dT%H:%M:%S}+00:00">'
        f'<meta property="og:title" content="{title}"><meta property="og:url" content="{escape(story.url)}">{lead}'
    )


def _rubric(story: Story) -> str:
    return f'<a class="rubric" href="/{story.rubric}/">{RUBRICS[story.rubric]}</a>'


def _date_full(story: Story) -> str:
    at = story.local
    # A no-break space between day and month now and then, as seen in 2021.
    gap = "\u00a0" if chance("gap", story.key) < _MAIN_IMG else " "
    return f'<div class="date_full">{at:%d}{gap}{at:%B %Y, %H:%M}</div>'


def _h1(story: Story) -> str:
    return f"<h1>{escape(story.headline, quote=False)}</h1>"


def _photos(story: Story) -> str:
    name = "main_img" if chance("photo", story.key) < _MAIN_IMG else "news_img_slide"
    return "".join(_photo(photo, name if place == 0 else "news_img_slide") for place, photo in enumerate(story.photos))


def _photo(photo: Picture, name: str) -> str:
    """The caption stands there twice: as the picture's alternative text and below it."""
    caption = escape(photo.caption or "")
    image = f'<img src="{photo.path}?r={int(chance(photo.path) * 9999)}" alt="{caption}">'
    below = f"<span>{caption}</span>" if caption else ""
    return f'<div class="{name}">{image if name == "main_img" else f"<picture>{image}</picture>"}{below}</div>'


def _tags(story: Story) -> str:
    tags = [escape(tag) for tag in story.tags]
    links = "".join(f'<a href="/search/findTags/{len(tag)}/" title="{tag}">{tag}</a>' for tag in tags)
    return f'<div class="news_tags_block">{links}</div>'


def _tail(story: Story) -> str:
    share = f'<div class="yandex_share_print">Share <a href="/printv{story.path}">Print version</a></div>'
    return f'{share}{_tags(story)}<div class="clear"></div>'


_ERAS: dict[Era, Callable[[Story, Sheet], str]] = {
    "paragraphs": _paragraphs,
    "nested": _nested,
    "stamp2018": _stamp2018,
    "inner": _inner,
    "amp": _amp,
    "video": _video,
}
