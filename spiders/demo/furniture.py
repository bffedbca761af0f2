"""What surrounds the news on every page: head, menus, weather, sidebar, scripts, footer.

It holds what leads a naive reader astray: today's date in the header, other stories' headlines, "All news" twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape
from random import Random

from spiders.demo.dice import dice
from spiders.demo.dress import Sheet
from spiders.demo.stories import MINSK, Story, slug_of
from spiders.demo.words import HEADLINES, RUBRICS, WORDS

_SKIES = ("Overcast sky", "Clear sky", "Light snow", "Drizzle", "Fog")
_OLD_LINKS = 12
_TEASERS = 15


def shell(sheet: Sheet, title: str, body: str, head: str = "") -> str:
    """A whole page around `body`. `head` is markup for the head element; `title` is text."""
    before, after = _padding(sheet.furniture)
    die = dice(sheet.path) if sheet.visit is None else dice(sheet.path, sheet.visit, sheet.now.timestamp())
    beside = _sidebar(sheet, die) + _teasers(sheet, die)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>{head}'
        f'<script nonce="{die.getrandbits(128):032x}">window.demo={{}}</script></head><body>\n'
        f"{_header(sheet, die)}{before}{body}\n{beside}{after}{_FOOTER}</body></html>\n"
    )


_FOOTER = (
    '<div class="footer"><a href="/all_news/">All news</a> <a href="#">Follow us on:</a> <a href="#">X</a>'
    "<p>© Demo News Agency. Every story here is invented.</p></div>"
)


def _header(sheet: Sheet, die: Random) -> str:
    today = sheet.now.astimezone(MINSK)
    date = "" if sheet.visit is None else f"{today:%A}, {today.day} {today:%B} {today.year}"
    sky = "" if sheet.visit is None else f"{WORDS['place'][0]} {die.choice(_SKIES)} {die.randint(-20, 30):+d}°C"
    menu = "".join(f'<li><a href="/{slug}/">{label}</a></li>' for slug, label in RUBRICS.items())
    return (
        f'<div class="top"><a href="/gov/">Government Bodies</a> <img src="/desimages/flag.png" alt="Flag"> '
        f'<span class="header_date">{date}</span> <span class="weather">{sky}</span></div>\n'
        f'<ul class="menu"><li><a href="/all_news/">All news</a></li>{menu}</ul>\n'
        '<h3><a href="/all_news/">All news</a></h3>\n'
    )


def _sidebar(sheet: Sheet, die: Random) -> str:
    links = die.sample(_old_links(), _OLD_LINKS) if sheet.visit is None else map(_recent_link, sheet.recent)
    return f'<div class="right_col last_news"><h3>Recent news</h3>\n{"".join(links)}</div>'


def _teasers(sheet: Sheet, die: Random) -> str:
    """Other stories, drawn for this request: what keeps the furniture of neighbouring pages from being all the same."""
    if not sheet.furniture:
        return ""
    return f'<div class="fp_block"><h3>Read also</h3>\n{"".join(die.sample(_old_links(), _TEASERS))}</div>'


@lru_cache(maxsize=4096)
def _recent_link(story: Story) -> str:
    return _link(story.path, story.headline, f"{story.local:%H:%M}")


def _link(path: str, headline: str, time: str) -> str:
    title = escape(headline)
    return (
        f'<div class="last_item"><span class="last_time">{time}</span> '
        f'<a href="{escape(path)}" title="{title}">{title}</a></div>\n'
    )


@lru_cache(maxsize=1)
def _old_links() -> tuple[str, ...]:
    """Links for the sidebar of a calm newspaper, whose pages must not change with the news: stories of long ago."""
    die = dice("sidebar")
    titles = [_fill(die.choice(HEADLINES[slug]), die) for slug in HEADLINES for _ in range(40)]
    return tuple(
        _link(f"/society/view/{slug_of(title)}-{1000 + place}-2019/", title, f"{place % 24:02}:{place * 7 % 60:02}")
        for place, title in enumerate(titles)
    )


def _fill(template: str, die: Random) -> str:
    return template.format_map({name: die.choice(words) for name, words in WORDS.items()} | {"surname": "Gorsebridge"})


@lru_cache(maxsize=8)
def _padding(size: int) -> tuple[str, str]:
    """Furniture of about `size` bytes, the same on every page: menus and styles before the news, the rest after."""
    if not size:
        return "", ""
    die = dice("furniture")
    before = _grown(die, size * 2 // 5, (_style, _menu))
    return before, _grown(die, size * 3 // 5, (_drawing, _script, _banner))


def _grown(die: Random, size: int, makers: Sequence[Callable[[Random], str]]) -> str:
    parts: list[str] = []
    while size > 0:
        parts.append(die.choice(makers)(die))
        size -= len(parts[-1])
    return "".join(parts)


def _name(die: Random) -> str:
    return f"{die.choice(WORDS['goods']).split()[0]}_{die.randrange(1000)}"


def _style(die: Random) -> str:
    rules = "".join(
        f".{_name(die)}{{margin:{die.randrange(40)}px {die.randrange(40)}px;color:#{die.getrandbits(24):06x};"
        f"font:{die.randrange(9, 28)}px/1.{die.randrange(9)} Tinos,serif}}\n"
        for _ in range(12)
    )
    return f"<style>{rules}</style>\n"


def _menu(die: Random) -> str:
    items = "".join(f'<li><a href="/{_name(die)}/">{die.choice(WORDS["office"])}</a></li>' for _ in range(10))
    return f'<ul class="{_name(die)}">{items}</ul>\n'


def _drawing(die: Random) -> str:
    points = ((die.uniform(-9, 9), die.uniform(-9, 9), die.randrange(99)) for _ in range(24))
    curves = "".join(f"c{across:.2f},{down:.2f} {end},{end // 2}" for across, down, end in points)
    return f'<svg class="icon" viewBox="0 0 24 24"><path d="M{die.randrange(24)} 4{curves}z"/></svg>\n'


def _script(die: Random) -> str:
    names = ((_name(die), _name(die), die.randrange(9999)) for _ in range(8))
    calls = "".join(f"demo.{name}=function(a,b){{return a.{other}(b,{number})}};" for name, other, number in names)
    return f"<script>(function(){{{calls}}})();</script>\n"


def _banner(die: Random) -> str:
    return (
        f'<div class="advertising_block"><a rel="nofollow" href="/go/{die.getrandbits(32):08x}">'
        f'<img src="/desimages/{_name(die)}.png" alt="{die.choice(WORDS["project"])}"></a></div>\n'
    )
