"""The state of an archive in the text format of Prometheus (version 0.0.4), for node_exporter's textfile collector.

All metrics are gauges, without timestamps, which that collector refuses. A value that is not known has no line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from storage.monitoring.status import EditionStatus, Status
from storage.read.reader import Row

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: its name, one line of help, and a value for each set of labels, all with the same names."""

    name: str
    help: str
    samples: list[tuple[Labels, float]] = field(default_factory=list)

    def gauge(self) -> GaugeMetricFamily:
        gauge = GaugeMetricFamily(self.name, _plain(self.help), labels=list(self.samples[0][0]))
        for labels, value in self.samples:
            gauge.add_metric([_plain(text) for text in labels.values()], value)
        return gauge


class _Families(Collector):
    def __init__(self, families: Iterable[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[GaugeMetricFamily]:
        return (family.gauge() for family in self._families if family.samples)


def exposition(state: Status) -> str:
    """The whole document. Families without a sample are left out; it ends with a line feed."""
    return as_text([*_of_archive(state), *_of_editions(state.editions), *_of_monitors(state)])


def as_text(families: Iterable[Family]) -> str:
    """Metrics in the text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(list(families)))
    return generate_latest(registry).decode()


def _of_archive(state: Status) -> Iterator[Family]:
    for name, text, value in (
        (
            "dateline_healthy",
            "1 when nothing needs a person, as the exit code of dateline status says.",
            _healthy(state),
        ),
        ("dateline_pages", "Distinct pages kept.", state.bodies),
        ("dateline_pages_bytes", "Bytes of the pages kept, decoded.", state.raw_bytes),
        ("dateline_stored_bytes", "Bytes that the pages take in the archive.", state.stored_bytes),
    ):
        yield Family(name, text, [({}, value)])
    stopped = _seconds(state.stop_file.since) if state.stop_file else None
    text = "Since when a stop file keeps crawls from asking."
    yield Family("dateline_stop_file_timestamp_seconds", text, [] if stopped is None else [({}, stopped)])


def _healthy(state: Status) -> int:
    return 0 if state.needs_a_person else 1


def _of_editions(editions: Iterable[EditionStatus]) -> list[Family]:
    articles = Family("dateline_articles", "Articles ever sighted, by how they stand.")
    families = {name: Family(name, text) for name, text in _FAMILIES.items()}
    for edition in editions:
        for status in ("live", "gone", "pending"):
            articles.samples.append(({"edition": edition.edition, "status": status}, getattr(edition, status)))
        articles.samples.append(({"edition": edition.edition, "status": "given-up"}, edition.given_up_count))
        for name, value in _values(edition).items():
            if value is not None:
                families[name].samples.append(({"edition": edition.edition}, value))
    return [articles, *families.values()]


_FAMILIES = {
    "dateline_revisions": "Revisions of articles.",
    "dateline_visits": "Answers of the site that were kept.",
    "dateline_wire_bytes": "Bytes that came over the wire for them.",
    "dateline_waiting_articles": "Articles to be fetched, or to be tried again after a failure.",
    "dateline_unrecognised_pages": "Pages that no parser reads.",
    "dateline_holes": "Holes in the coverage of the listing that can still be closed.",
    "dateline_lost_stretches": "Stretches of the listing that are lost for ever.",
    "dateline_unknown_entries": "Entries of the latest listings that lead to an address of unknown form.",
    "dateline_newest_article_timestamp_seconds": "When the newest article came out.",
    "dateline_last_crawl_start_timestamp_seconds": "When the last crawl began.",
    "dateline_last_crawl_end_timestamp_seconds": "When the last crawl that came to its end did.",
    "dateline_last_crawl_exit_code": "Exit code of the last crawl that came to its end, for this edition.",
}


def _values(edition: EditionStatus) -> dict[str, float | None]:
    last = edition.crawls[0] if edition.crawls else None
    ended = next((crawl for crawl in edition.crawls if crawl["finished_at"]), None)
    return {
        "dateline_revisions": edition.revisions,
        "dateline_visits": edition.snapshots,
        "dateline_wire_bytes": edition.wire_bytes,
        "dateline_waiting_articles": len(edition.waiting),
        "dateline_unrecognised_pages": len(edition.unrecognised),
        "dateline_holes": len(edition.holes),
        "dateline_lost_stretches": len(edition.lost),
        "dateline_unknown_entries": len(edition.unknown_entries),
        "dateline_newest_article_timestamp_seconds": _seconds(edition.published_last),
        "dateline_last_crawl_start_timestamp_seconds": _seconds(last["started_at"] if last else None),
        "dateline_last_crawl_end_timestamp_seconds": _seconds(ended["finished_at"] if ended else None),
        "dateline_last_crawl_exit_code": ended["exit_code"] if ended else None,
    }


def _of_monitors(state: Status) -> list[Family]:
    trouble = Family("dateline_monitor_trouble", "1 where a monitor found trouble, see docs/monitoring.md.")
    value = Family("dateline_monitor_value", "What a monitor measured.")
    limit = Family("dateline_monitor_limit", "The limit that it is compared with.")
    since = Family("dateline_incident_start_timestamp_seconds", "Since when an incident lasts.")
    found = [("", finding) for finding in state.health]
    found += [(edition.edition, finding) for edition in state.editions for finding in edition.health]
    for edition, finding in found:
        labels = {"edition": edition, "monitor": finding["monitor"], "subject": finding["subject"]}
        trouble.samples.append((labels, 1 if finding["state"] == "trouble" else 0))
        for family, number in ((value, finding["value"]), (limit, finding["limit"]), (since, _since(finding))):
            if number is not None:
                family.samples.append((labels, number))
    return [trouble, value, limit, since]


def _since(finding: Row) -> float | None:
    return _seconds(finding["since"])


def _seconds(time: str | None) -> float | None:
    return None if time is None else datetime.fromisoformat(time).timestamp()


def _plain(text: str) -> str:
    """Text in which no carriage return stands: some readers take one for the end of the line."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
