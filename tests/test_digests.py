"""What makes a story the same story."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crawler.matching.digests import content_hash, story_hash
from crawler.records import Photo
from tests.invented import NOON, story


@pytest.mark.parametrize(
    "change",
    [
        {"headline": "Ferry resumes, later"},
        {"published_at": NOON},
        {"published_at": None},
        {"lead": "After a winter"},
        {"paragraphs": ("It sails again.", "So they say.")},
        {"paragraphs": ("It sails", "again.")},
        {"photos": ()},
        {"photos": (Photo("https://img.belta.by/b_big.jpg", "The ferry at its pier"),)},
        {"photos": (Photo("https://img.belta.by/a_big.jpg", "The ferry"),)},
        {"author": "A. Pier"},
        {"tags": ("Transport", "Rivers")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_readers_see_changes_the_content_hash(change: dict[str, Any]) -> None:
    assert content_hash(replace(story(), **change)) != content_hash(story())


@pytest.mark.parametrize(
    "change",
    [
        {"key": "2-2026"},
        {"url": "https://eng.belta.by/politics/view/renamed-1-2026/"},
        {"rubric": "politics"},
        {"rubric_label": "Politics"},
        {"era": "belta/2026-text"},
        {"sources": {}},
        {"published_printed": "Tuesday"},
        {"modified_at": NOON},
        {"dateline": "MINSK, 10 March"},
        {"published_at": NOON - timedelta(hours=2) + timedelta(microseconds=5)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_address_and_dress_do_not_change_the_content_hash(change: dict[str, Any]) -> None:
    assert content_hash(replace(story(), **change)) == content_hash(story())


def test_the_order_of_tags_is_no_content() -> None:
    assert content_hash(story(tags=("a", "b"))) == content_hash(story(tags=("b", "a", "b")))


def test_text_does_not_move_unseen_from_one_field_to_another() -> None:
    assert content_hash(story(lead="Ferry", headline="")) != content_hash(story(headline="Ferry", lead=None))


def test_a_field_left_empty_is_as_one_that_is_not_there() -> None:
    assert content_hash(story(author=None)) == content_hash(story(author=""))


def test_the_recipe_stands_before_the_digest() -> None:
    version, digest = content_hash(story()).split(":")
    assert (version, len(digest)) == ("2", 64)


def test_a_lone_surrogate_is_hashed_like_any_text() -> None:
    assert content_hash(story(headline="broken \ud800")) != content_hash(story(headline="broken \ud801"))


def test_a_story_is_the_same_under_another_key_date_and_picture() -> None:
    other = story("9-2026", published_at=NOON, photos=(), tags=(), lead="More")
    assert story_hash(other) == story_hash(story())


def test_a_flash_without_a_body_is_no_story_to_compare() -> None:
    assert story_hash(story(text="")) is None
