"""`dateline show`: one article as one would read it, with its evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import click

from storage.cli.commands import ArticleTime, print_json, takes_database
from storage.cli.commands.show_diff import diff_as_json, show_diff
from storage.read.articles.details import ArticleDetails, article_details
from storage.read.articles.versions import TEMPLATE, compared, name_of
from storage.read.locate import edition_of, locate
from storage.read.reader import Row, open_reader
from storage.read.zones import Zones, zones_of
from storage.terminal.amounts import counted, sized
from storage.terminal.lines import LineWriter, Part, Span
from storage.terminal.moments import Moment, last_second, local, time_of

LABEL = 12  # columns


@click.command("show")
@click.argument("article")
@click.option("--revision", type=click.IntRange(min=1), metavar="N", help="As it stood in revision N.")
@click.option("--as-of", type=ArticleTime(), help="As the archive stood then, or at the end of that day.")
@click.option(
    "--diff",
    is_flag=False,
    flag_value="",
    metavar="[A[..B]]",
    help="What changed between two revisions: by default the current one and the one before.",
)
@click.option("--sources", is_flag=True, help="Which rule gave each field, or why it is absent.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, as described above.")
@takes_database
@click.pass_context
def command(  # noqa: PLR0913 - as declared above
    context: click.Context,
    /,
    article: str,
    revision: int | None,
    as_of: Moment | None,
    diff: str | None,
    *,
    sources: bool,
    as_json: bool,
) -> None:
    """One article as one would read it, with its evidence.

    ARTICLE is its number (17), its key (152706), edition and key (harbour-en/152706) or its address, in
    any form: with or without www, m., /amp/, https or final slash.

    --as-of shows the article as the archive had it then: what was observed later does not count. Dates are those of
    the edition's own zone.

    --diff shows two revisions word by word: [-what went-] and {+what came+}. `--diff 1..3` names both, `--diff 1`
    compares with the current one; 2.1 is what a better parser read from revision 2. Write it after ARTICLE.

    --json: the columns of the view `news`; then, of the revision shown, revision_id, number, correction,
    observed_at, published_printed, modified_at, rubric_label, dateline, credit, author, content_hash, parser and
    sources; then photos, snapshot (the visit that showed it), revisions, sightings (what listing pages said;
    `disagrees` names what no revision confirms), duplicates, family (near-identical articles, with `likeness` in
    percent) and as_of, by column name. Times are ISO 8601 UTC.

    --diff --json: {article_id, edition, key, url, before, after, fields: [{field, before, after, pieces: [[kind,
    text]]}]}; before and after name revision, observed_at, snapshot_id and content_hash, kind is "=", "-" or "+".
    """
    if diff is not None and (revision is not None or sources):
        raise click.UsageError("--diff names its revisions itself, and has no --revision or --sources", context)
    with open_reader(context.obj) as reader:
        number, zones = locate(reader, article), zones_of(reader)
        then = zones.only([edition_of(reader, number)]).end(as_of) if as_of else None
        found = article_details(reader, number, revision, then)
        comparison = None if diff is None else compared(reader, number, diff, then)
    if comparison is not None:
        print_json(diff_as_json(found, comparison)) if as_json else show_diff(LineWriter(), found, comparison)
        return
    if as_json:
        print_json(found.as_json())
        return
    paper = LineWriter()
    _show_story(paper, found)
    _show_evidence(paper, found, zones)
    if sources:
        _section(paper, "Sources", ((field, [rule]) for field, rule in sorted(found.sources.items())))


def _show_story(paper: LineWriter, found: ArticleDetails) -> None:
    article, revision = found.article, found.revision
    name = f"{article['edition']}/{article['key']}  #{article['article_id']}"
    if revision is None:
        listed = found.sightings[-1]["headline"] if found.sightings else article["url"]
        paper.line(Span(listed, "title"))
        paper.line(Span(name, "dim"), "  ", Span(_not_archived(article), "alarm"))
        paper.line(Span(article["url"], "link"))
        return
    paper.line(Span(revision["headline"], "title"))
    paper.line(
        Span(local(revision["published_at"], found.zone), "date"),
        f"  {revision['rubric'] or '-'}  ",
        Span(name, "dim"),
        *_marks(found),
    )
    paper.line(Span(article["url"], "link"))
    # Many a listing gives the first paragraph as lead: nobody reads it twice.
    lead = None if revision["lead"] and revision["body"].startswith(revision["lead"]) else revision["lead"]
    for text in filter(None, [lead, *revision["body"].split("\n\n")]):
        paper.blank()
        paper.line(text)
    for photo in found.photos:
        paper.blank()
        paper.line(Span(photo["caption"] or "no caption", "dim"), label="Photo", indent=7)
        paper.line(Span(photo["url"], "link"), indent=7)


def _not_archived(article: Row) -> str:
    if article["status"] == "given-up":
        return f"given up after {counted(article['attempts'], 'failure')}: {article['last_error']}"
    reason = f" after {counted(article['attempts'], 'failure')}: {article['last_error']}" if article["attempts"] else ""
    return f"not archived yet, waiting to be fetched{reason}"


def _marks(found: ArticleDetails) -> Iterator[Part]:
    article, revision = found.article, found.revision or {}
    if found.as_of is not None:
        yield Span(f"  [as of {local(last_second(found.as_of), found.zone)}]", "alarm")
    if article["status"] == "gone":
        reason = f": {article['gone_reason']}" if article.get("gone_reason") else ""
        yield Span(f"  [gone since {local(article['gone_at'], found.zone)}{reason}]", "alarm")
    elif article.get("absent_since"):
        yield Span(f"  [not found since {local(article['absent_since'], found.zone)}]", "alarm")
    if revision.get("revision_id") != article["revision_id"]:
        yield Span(f"  [revision {revision['number']}, not the current one]", "alarm")
    if article["duplicate_of"]:
        yield Span(f"  [same as #{article['duplicate_of']}]", "alarm")


def _show_evidence(paper: LineWriter, found: ArticleDetails, zones: Zones) -> None:
    if found.snapshot is not None and found.revision is not None:
        _section(paper, f"Evidence ({time_of(found.zone)})", _evidence(found.revision, found.snapshot, found.zone))
    if found.revisions:
        _section(
            paper,
            "Revisions",
            ((name_of(row["number"], row["correction"]), _revision(row, found)) for row in found.revisions),
        )
    if found.sightings:
        seen = ((local(row["first_seen_at"], found.zone), _sighting(row)) for row in found.sightings)
        _section(paper, "Listings said", seen)
    if found.duplicates:
        _section(paper, "Same content", ((f"#{row['article_id']}", _duplicate(row, zones)) for row in found.duplicates))
    same = {row["article_id"] for row in found.duplicates}
    near = [row for row in found.family if row["article_id"] not in same]
    if near:
        _section(paper, "Near-identical", ((f"#{row['article_id']}", _near(row, zones)) for row in near))


def _section(paper: LineWriter, title: str, lines: Iterator[tuple[str, list[Part]]]) -> None:
    paper.blank()
    paper.line(Span(title, "title"))
    rows = list(lines)
    indent = max(LABEL, *(len(label) for label, _ in rows)) + 4 if rows else LABEL
    for label, parts in rows:
        paper.line(*parts, label=f"  {label}", indent=indent)


def _evidence(revision: Row, snapshot: Row, zone: ZoneInfo) -> Iterator[tuple[str, list[Part]]]:
    yield "fetched", [f"{local(snapshot['fetched_at'], zone)}, HTTP {snapshot['status']}, by {snapshot['software']}"]
    if revision["observed_at"] != snapshot["fetched_at"]:
        yield "first seen", [f"{local(revision['observed_at'], zone)} in this wording"]
    server = ", ".join(filter(None, [snapshot["ip_address"], snapshot["protocol"]]))
    yield "from", [Span(snapshot["url"], "link"), f" ({server})" if server else ""]
    for hop in json.loads(snapshot["redirects"]):
        yield "redirected", [f"{hop['status']} by ", Span(hop["url"], "link")]
    damage = f", {snapshot['damage']}" if snapshot["damage"] else ""
    yield "page", [f"snapshot {snapshot['snapshot_id']}, {sized(snapshot['body_size'])}{damage}"]
    yield "SHA-256", [snapshot["body_sha256"] or "no body"]
    encoding = snapshot["content_encoding"] or "not compressed"
    yield "over the wire", [f"{sized(snapshot['wire_size'])}, {encoding}, SHA-256 {snapshot['wire_sha256']}"]
    yield "read by", [f"{revision['parser']}, printed date {_printed(revision['published_printed'])}"]
    credit = ", ".join(filter(None, [revision["dateline"], revision["credit"], revision["author"]]))
    if credit:
        yield "credit", [credit]


def _printed(text: str | None) -> str:
    return "none" if text is None else f"“{text}”"


def _revision(revision: Row, found: ArticleDetails) -> list[Part]:
    shown = found.revision is not None and found.revision["revision_id"] == revision["revision_id"]
    reread = " read again by a better parser" if revision["correction"] else ""
    theirs = " the site changed all of its pages" if revision["cause"] == TEMPLATE else ""
    mark = Span("  shown", "good") if shown else ""
    return [f"{local(revision['observed_at'], found.zone)}{reread}{theirs}  {revision['headline']}", mark]


def _sighting(sighting: Row) -> list[Part]:
    place = f"page {sighting['page']}, place {sighting['position'] + 1}"
    aside = "" if sighting["in_order"] else ", out of order"
    time = " ".join(filter(None, [sighting["day"], sighting["printed_time"]])) or "no time"
    wrong = ", ".join(sighting["disagrees"])
    return [
        f"{place}{aside}: {time}  {sighting['headline']}",
        Span(f"  [no revision has this {wrong}]" if wrong else "", "alarm"),
    ]


def _near(article: Row, zones: Zones) -> list[Part]:
    alike = f"{article['likeness']}% alike" if article["likeness"] else "through others"
    return [f"{alike}  ", *_duplicate(article, zones)]


def _duplicate(article: Row, zones: Zones) -> list[Part]:
    name = f"{article['edition']}/{article['key']}  {zones.local(article['edition'], article['published_at'])}"
    return [f"{name}  {article['headline'] or article['url']}"]
