"""The site files that the project ships, on pages written by hand from what public sources show of each site."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.dates import utc_text
from crawler.html.answer import Answer
from crawler.records import Article, Edition, ListingEntry, Photo
from crawler.sites.declared.site import DeclaredSite
from crawler.sites.declared.sitefile import read_site_file
from tests.declared_sites import NOON, answer

AGENCIES = Path(__file__).parent / "agencies"
FILES = Path(__file__).parents[1] / "crawler" / "sites" / "files"
NAMES = sorted(path.stem for path in FILES.glob("*.toml"))


def shipped(name: str) -> DeclaredSite:
    path = FILES / f"{name}.toml"
    return DeclaredSite(read_site_file(path.read_bytes(), path.name))


def expected(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((AGENCIES / name / "expected.json").read_text(encoding="utf-8"))
    return told


def cases(kind: str) -> list[Any]:
    """Each saved answer of each agency: its name, what its pages share, and the case itself."""
    told = [(name, expected(name)) for name in NAMES]
    return [
        pytest.param(name, agency, case, id=f"{name} {case['file']}") for name, agency in told for case in agency[kind]
    ]


def served(name: str, agency: dict[str, Any], case: dict[str, Any], edition: Edition) -> Answer:
    text = (AGENCIES / name / case["file"]).read_text(encoding="utf-8")
    at = datetime.fromisoformat(agency["fetched_at"]) if "fetched_at" in agency else NOON
    headers = {"Content-Type": case.get("type", "text/html")} | case.get("headers", {})
    return answer(edition, case["url"], text.encode(agency.get("charset", "utf-8")), headers=headers, at=at)


def plain(value: object) -> object:
    """A value of a record as the expectations print it."""
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    return [value.url, value.caption] if isinstance(value, Photo) else value


def chosen(record: ListingEntry | Article, names: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(getattr(record, name)) for name in names}


@pytest.mark.parametrize(("name", "agency", "case"), cases("listings"))
def test_a_listing_of_a_shipped_agency_gives_its_entries(
    name: str, agency: dict[str, Any], case: dict[str, Any]
) -> None:
    site = shipped(name)
    edition = next(one for one in site.editions if one.name == case["edition"])
    listing = next(one for one in site.listings(edition) if one.name == case["listing"])
    page = listing.read(served(name, agency, case, edition), edition, case["place"])
    assert [chosen(entry, case["entries"][0]) for entry in page.entries] == case["entries"]
    assert all(entry.in_order for entry in page.entries)
    assert (page.older, page.end, list(page.places)) == (
        case.get("older"),
        case.get("end", False),
        case.get("places", []),
    )


@pytest.mark.parametrize(("name", "_agency", "case"), cases("listings"))
def test_a_listing_of_a_shipped_agency_is_asked_for_where_its_answer_lies(
    name: str, _agency: dict[str, Any], case: dict[str, Any]
) -> None:
    site = shipped(name)
    edition = next(one for one in site.editions if one.name == case["edition"])
    listing = next(one for one in site.listings(edition) if one.name == case["listing"])
    ask = listing.ask(edition, case["place"], {}, older=case["url"] if case.get("chained") else None)
    assert ask.url.startswith(case["url"])


@pytest.mark.parametrize(("name", "agency", "case"), cases("articles"))
def test_an_article_of_a_shipped_agency_is_read_as_expected(
    name: str, agency: dict[str, Any], case: dict[str, Any]
) -> None:
    site = shipped(name)
    edition = next(one for one in site.editions if one.name == case["edition"])
    key = site.article_key(case["url"], edition)
    assert key is not None
    article = site.read_article(served(name, agency, case, edition).document, edition, key)
    assert chosen(article, case["article"]) == case["article"]
    assert article.url == case["url"]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_agency_is_experimental_and_has_saved_pages(name: str) -> None:
    told = expected(name)
    assert shipped(name).experimental  # nobody has run it on the live site
    assert len(told["listings"]) >= 2
    assert len(told["articles"]) >= 3
    pages = {path.name for path in (AGENCIES / name).iterdir()} - {"expected.json"}
    assert pages == {case["file"] for case in told["listings"] + told["articles"]}
