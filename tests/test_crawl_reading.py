"""What a crawl makes of pages that moved, that say they are missing, and that lie about their encoding."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spiders.demo.dress import Dress
from tests.front_door import Door, front_door, html, redirect

PLAIN = Dress(eras=("paragraphs",))
MISSING = (
    '<div class="content_margin"><a class="rubric" href="/society/">Society</a><h1>Page not found</h1>'
    '<div class="js-mediator-article"><p>The page that you look for does not exist.</p></div></div>'
)


def moved(door: Door, path: str, *, by_redirect: bool) -> str:
    """Moves a story to another rubric; its new path."""
    new = re.sub(r"^/[^/]+/", "/moved/", path)
    page = door.answer(path)
    door.put(new, page)
    if by_redirect:
        door.put(path, redirect(new, 301))
    else:
        door.put(path, html("Gone", status=410))
    return new


@pytest.mark.parametrize("by_redirect", [True, False])
def test_rubric_and_address_of_a_moved_story_agree_and_it_is_no_edit(tmp_path: Path, by_redirect: bool) -> None:  # noqa: FBT001
    with front_door(tmp_path, size=3, dress=PLAIN) as door:
        door.crawl()
        story = door.story()
        old = door.row("SELECT * FROM news WHERE key = ?", story.key)
        new = moved(door, story.path, by_redirect=by_redirect)
        url = None if by_redirect else f"https://{story.url.split('/')[2]}{new}"
        for _ in range(2):
            door.crawl(recheck="all" if by_redirect else None, url=url)
            row = door.row("SELECT * FROM news WHERE key = ?", story.key)
            assert (row["rubric"], row["url"].split("/")[3], row["revision_count"]) == ("moved", "moved", 1)
            assert {name: row[name] for name in ("headline", "body", "changed_at")} == {
                name: old[name] for name in ("headline", "body", "changed_at")
            }
        assert door.value("SELECT count(*) FROM revisions WHERE article_id = ?", row["article_id"]) == 2


def test_page_that_says_it_is_missing_is_neither_an_article_nor_an_edit(tmp_path: Path) -> None:
    with front_door(tmp_path, size=3, dress=PLAIN) as door:
        never, later = door.story(), door.story(1)
        door.put(never.path, html(MISSING))
        door.crawl()
        assert never.key not in set(door.keys())
        old = door.row("SELECT headline, body, revision_count FROM news WHERE key = ?", later.key)
        door.put(later.path, html(MISSING))
        door.crawl(recheck="all")
        assert door.row("SELECT headline, body, revision_count FROM news WHERE key = ?", later.key) == old
        readings = door.rows("SELECT reading FROM snapshots WHERE requested_url LIKE ?", f"%{never.path}")
        assert {row["reading"] for row in readings} == {"soft-404"}


def test_page_in_another_encoding_than_it_says_is_kept_and_no_article_of_question_marks(tmp_path: Path) -> None:
    with front_door(tmp_path, size=3, dress=PLAIN) as door:
        story = door.story()
        text = re.sub("<(p|h1)>", r"<\1>Паромы пойдут ночью. ", door.answer(story.path).body.decode())
        door.put(story.path, html(text.replace("<head>", f"<head><!-- {'x' * 5000} -->").encode("cp1251", "ignore")))
        assert door.crawl().code == 3
        assert story.key not in set(door.keys())
        assert door.value("SELECT reading FROM snapshots WHERE requested_url LIKE ?", f"%{story.path}") == "unreadable"
