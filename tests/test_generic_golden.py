"""The generic reader on real pages, where the collection of them lies next to the checkout: a sample, quickly."""

from __future__ import annotations

import importlib.util
import json
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crawler.sites.generic import read_page
from tests.foreign_pages import document

ROOT = Path(__file__).parent.parent
# Next to the checkout, or to the folder in which its worktrees lie.
GOLDEN = next((found for above in ROOT.parents[:2] if (found := above / "shared" / "golden").exists()), ROOT / "golden")
COLLECTED = datetime(2026, 12, 31, tzinfo=UTC)
STEP = 5  # every fifth page

pytestmark = pytest.mark.skipif(not (GOLDEN / "score.py").exists(), reason=f"no collection of pages in {GOLDEN}")


@pytest.fixture(scope="module")
def scorer() -> ModuleType:
    found = importlib.util.spec_from_file_location("golden_score", GOLDEN / "score.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def told(page: bytes, address: str) -> dict[str, Any]:
    found = read_page(document(page, address), latest=COLLECTED)
    return {
        "headline": found.headline,
        "published_at": found.published.text() if found.published else None,
        "paragraphs": list(found.paragraphs),
        "photos": [{"caption": photo.caption} for photo in found.photos],
        "authors": list(found.authors),
        "tags": list(found.tags),
    }


@pytest.mark.parametrize(
    ("source", "least", "most"),
    [
        ("fundus", {"headline": 0.9, "instant": 0.95, "body": 0.94, "authors": 0.7, "tags": 0.7}, {"leaked": 0.03}),
        ("bodies", {"body": 0.94}, {}),
        ("days", {"day": 0.9}, {}),
    ],
)  # fmt: skip
def test_a_sample_of_real_pages_is_read_as_people_would(
    scorer: ModuleType, source: str, least: dict[str, float], most: dict[str, float]
) -> None:
    index = GOLDEN / source / "index.jsonl"
    lines = [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines() if line.strip()][::STEP]
    pages = [(gold, scorer.gzip.decompress((index.parent / gold["page"]).read_bytes())) for gold in lines]
    figures = scorer.summary(scorer.score_all(told, pages))
    assert figures["failures"] == 0
    assert {name: figures[name] for name, bound in least.items() if figures[name] < bound} == {}
    assert {name: figures[name] for name, bound in most.items() if figures[name] > bound} == {}
