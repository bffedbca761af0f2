"""A sample of the histories of one listing (tests/listing_histories.py): the archive says of every story that was shown
and not seen where it is missing, and says it of no other.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ablations import fast_folder
from tests.effort import effort
from tests.listing_histories import live

MENDED = (44, 268, 144, 16, 29, 42, 70, 241, 255, 283, 298, 703, 714, 715, 716)
"""Histories in which the archive once called days whole over stories that it had not seen, or gaps reached too far."""


@pytest.mark.search
def test_what_was_shown_and_never_seen_is_said_to_be_missing(tmp_path: Path) -> None:
    for seed in MENDED[: effort(len(MENDED), sample=2)]:
        assert live(Path(fast_folder() or tmp_path), seed).problems == (), seed
