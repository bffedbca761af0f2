"""`dateline politeness`: what was asked of a site, day by day."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from storage.cli import dateline
from storage.write.archive import Archive
from storage.write.evidence.requests import LoggedRequest, RequestOutcome
from tests.sample_archive import Scribe

# 20:30 UTC is 23:30 in Minsk: the next day of the site begins half an hour later.
EVENING = datetime(2026, 3, 10, 20, 30, tzinfo=UTC)
HOME = "https://eng.belta.by"
RULES, MORE_RULES = b"User-agent: *\n", b"User-agent: *\nDisallow: /printv\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An archive with two days of requests, one of them by a crawl that was killed, and robots.txt that changed."""
    path = tmp_path / "archive.db"
    with Archive.open(str(path), create=True) as archive:
        first = Scribe(archive, now=EVENING)
        _asked(archive, first.crawl_id, EVENING, gap_ms=None, kind="robots", status=200, wire_size=100)
        _asked(archive, first.crawl_id, EVENING + timedelta(seconds=2), gap_ms=2000, kind="listing", status=503,
               wire_size=10, retry_after=30, waited=31)  # fmt: skip
        _asked(archive, first.crawl_id, EVENING + timedelta(seconds=33), gap_ms=33_000, kind="listing", status=200,
               repeats="retry", wire_size=2000)  # fmt: skip
        _robots(archive, first, RULES, EVENING)
        killed = Scribe(archive, now=EVENING + timedelta(minutes=40))
        _asked(archive, killed.crawl_id, EVENING + timedelta(minutes=40), kind="robots", status=200, wire_size=90)
        _robots(archive, killed, MORE_RULES, EVENING + timedelta(minutes=40))
        for repeats in (None, "redirect"):
            _asked(archive, killed.crawl_id, EVENING + timedelta(minutes=41), gap_ms=1500, kind="article",
                   repeats=repeats, problem="the connection failed")  # fmt: skip
    return path


def _asked(archive: Archive, crawl_id: int, at: datetime, **told: object) -> None:
    kind, repeats, gap = told.pop("kind"), told.pop("repeats", None), told.pop("gap_ms", None)
    asked = LoggedRequest(crawl_id, kind, repeats, at, gap)  # type: ignore[arg-type]  # of the right types, see above
    archive.tell([RequestOutcome(crawl_id, archive.ask(asked), **told)])  # type: ignore[arg-type]  # the same


def _robots(archive: Archive, scribe: Scribe, body: bytes, at: datetime, host: str = HOME, status: int = 200) -> None:
    page = scribe.snapshot("", body, status, url=f"{host}/robots.txt")
    archive.keep_robots(replace(page, kind="robots", key=None, fetched_at=at), scribe.crawl_id, None)


def run(path: Path, *words: str) -> Result:
    return CliRunner().invoke(dateline, ["--database", str(path), "politeness", *words])


def test_a_day_tells_what_was_asked_how_it_was_answered_and_how_fast(path: Path) -> None:
    first, second = json.loads(run(path, "--json").stdout)["days"]
    assert first == {
        "edition": "belta-eng",
        "day": "2026-03-10",
        "requests": 3,
        "kinds": {"listing": 2, "robots": 1},
        "statuses": {"2xx": 2, "5xx": 1},
        "retries": 1,
        "redirects": 0,
        "refusals": 1,
        "bytes": 2110,
        "smallest_gap": 2.0,
        "longest_retry_after": 30,
        "longest_wait": 31,
        "waited": 31,
        "robots_changes": 0,
        "budget": None,
    }
    assert (second["day"], second["requests"], second["statuses"]) == ("2026-03-11", 3, {"2xx": 1, "none": 2})
    assert (second["smallest_gap"], second["redirects"], second["robots_changes"]) == (1.5, 1, 1)


def test_for_people_it_is_a_few_lines_a_day(path: Path) -> None:
    result = run(path)
    assert result.exit_code == 0
    assert result.stdout == (
        "2026-03-10  belta-eng  Europe/Minsk\n"
        "  requests    3: 2 listing, 1 robots; 1 again\n"
        "  answers     2 2xx, 1 5xx; 2.1 kB over the wire; 1 refusal\n"
        "  pace        smallest gap 2.0 s; longest Retry-After 30 s; waited 31 s in all, at most 31 s at once\n"
        "\n"
        "2026-03-11  belta-eng  Europe/Minsk\n"
        "  requests    3: 2 article, 1 robots; 1 redirected\n"
        "  answers     1 2xx, 2 none; 90 bytes over the wire\n"
        "  pace        smallest gap 1.5 s\n"
        "  robots.txt  changed 1 time\n"
    )


def test_days_can_be_chosen_by_the_calendar_of_the_site(path: Path) -> None:
    def chosen(*words: str) -> list[str]:
        return [day["day"] for day in json.loads(run(path, "--json", *words).stdout)["days"]]

    assert chosen("--since", "2026-03-11") == ["2026-03-11"]
    assert chosen("--until", "2026-03-10") == ["2026-03-10"]
    assert chosen("--since", "2026-03-10", "--until", "2026-03") == ["2026-03-10", "2026-03-11"]
    assert chosen("--edition", "belta-rus") == []
    assert run(path, "--edition", "belta-rus").stdout == "Nothing was asked.\n"
    mistyped = run(path, "--edition", "belta-egn")
    assert (mistyped.exit_code, mistyped.stdout) == (2, "")
    assert mistyped.stderr.endswith(": it has belta-eng\n")


def test_a_span_that_ends_before_it_begins_is_wrong_usage(path: Path) -> None:
    result = run(path, "--since", "2026-03-11", "--until", "2026-03-10")
    assert result.exit_code == 2
    assert "--since is later than --until" in result.stderr


def test_the_pause_between_two_runs_is_a_gap_too(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(str(path), create=True) as archive:
        for minute in (0, 5, 6):
            crawl_id = Scribe(archive, now=EVENING).crawl_id
            _asked(archive, crawl_id, EVENING + timedelta(minutes=minute), kind="robots", status=200)
    (day,) = json.loads(run(path, "--json").stdout)["days"]
    assert day["smallest_gap"] == 60


@pytest.mark.parametrize(
    ("seen", "changes"),
    [
        ([(HOME, RULES), (HOME, RULES)], 0),
        ([(HOME, RULES), (HOME, MORE_RULES), (HOME, RULES)], 2),
        ([("http://127.0.0.1:8100", RULES), ("http://127.0.0.1:8200", RULES), ("http://localhost:1", RULES)], 0),
        ([("http://127.0.0.1:8100", RULES), ("http://127.0.0.1:8200", MORE_RULES)], 1),
        ([(HOME, RULES), ("http://127.0.0.1:8100", RULES), (HOME, RULES)], 0),
        ([(HOME, RULES), ("https://api.belta.by", MORE_RULES), (HOME, RULES), ("https://api.belta.by", MORE_RULES)], 1),
    ],
)
def test_a_change_of_robots_txt_is_one_of_its_text_not_of_the_port_of_a_mirror(
    tmp_path: Path, seen: list[tuple[str, bytes]], changes: int
) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(str(path), create=True) as archive:
        scribe = Scribe(archive, now=EVENING)
        _asked(archive, scribe.crawl_id, EVENING, kind="robots", status=200)
        for number, (host, body) in enumerate(seen):
            _robots(archive, scribe, body, EVENING + timedelta(seconds=number), host)
    (day,) = json.loads(run(path, "--json").stdout)["days"]
    assert day["robots_changes"] == changes


def test_without_rules_the_page_that_says_so_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(str(path), create=True) as archive:
        scribe = Scribe(archive, now=EVENING)
        _asked(archive, scribe.crawl_id, EVENING, kind="robots", status=404)
        for number, status in enumerate((404, 404, 410, 200, 404)):
            _robots(archive, scribe, b"Not here: %d" % number, EVENING + timedelta(seconds=number), status=status)
    (day,) = json.loads(run(path, "--json").stdout)["days"]
    assert day["robots_changes"] == 2
