"""`dateline export warc` and `wacz`: every page, for the tools of web archives."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from storage.cli.commands import TYPED, ArticleTime, print_json, say, takes_database
from storage.read.reader import open_reader
from storage.read.zones import Bounds, zones_of
from storage.terminal.amounts import counted, sized

if TYPE_CHECKING:
    from storage.warc.captures import CaptureFilter
    from storage.warc.exports import Exported

KINDS = ("article", "listing", "robots")
Command = TypeVar("Command", bound=Callable[..., Any])


def takes_captures(command: Command) -> Command:
    """The arguments of an export of pages: FILE, the filters, --force, --json and --database."""
    for option in reversed(
        (
            click.argument("file", type=click.Path(path_type=Path)),
            click.option("--edition", "editions", metavar="NAME", multiple=True, help="Only this edition; repeatable."),
            click.option("--since", type=ArticleTime(), help="Fetched then or later."),
            click.option(
                "--until", type=ArticleTime(), help="Fetched then or earlier: a day or month counts as a whole."
            ),
            click.option("--kind", type=click.Choice(KINDS), help="Only pages of this kind."),
            click.option("--force", is_flag=True, help="Replace FILE if it exists."),
            click.option("--json", "as_json", is_flag=True, help="One JSON object about what was written."),
            takes_database,
        )
    ):
        command = option(command)
    return command


def choice(target: str, options: dict[str, Any]) -> CaptureFilter:
    """The pages of an archive that the options mean. Takes the filters out of `options`."""
    from storage.warc.captures import CaptureFilter

    editions, since, until = tuple(options.pop("editions")), options.pop("since"), options.pop("until")
    bounds = Bounds()
    if since or until:
        with open_reader(target) as reader:
            zones = zones_of(reader)
            bounds = (zones.only(editions) if editions else zones).bounds(since, until, TYPED)
    return CaptureFilter(editions, options.pop("kind"), bounds.since, bounds.until, bounds.own)


def report(file: Path, exported: Exported, *, as_json: bool) -> int:
    """Says what was written; returns the exit code."""
    if as_json:
        print_json(
            {
                "file": str(file),
                "captures": exported.captures,
                "editions": list(exported.editions),
                "bytes": exported.size,
                "left_out": exported.left_out,
                "damaged": list(exported.damaged),
            }
        )
    else:
        pages = counted(exported.captures, "visit")
        click.echo(f"{file}: {pages} to pages of {', '.join(exported.editions)}, {sized(exported.size)}")
    if exported.left_out:
        say(
            f"{counted(exported.left_out, 'visit')} left out: the archive has lost "
            f"{counted(len(exported.damaged), 'page')} of theirs (`dateline verify` names them)"
        )
    return 1 if exported.left_out else 0


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal's stderr, nothing elsewhere. Told how many of how many are done."""
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def show(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        yield show


@click.command("warc")
@takes_captures
@click.pass_context
def warc(
    context: click.Context,
    /,
    file: Path,
    *,
    force: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - as declared above
) -> None:
    """Every page as WARC 1.1 records, for the tools of web archives (pywb, warcio, ReplayWeb.page).

    FILE ends in .warc.gz (a gzip member a record) or in .warc. Each visit becomes a response (or a revisit of an
    earlier one with the same page), the request, and a metadata record with the story as it was read; docs/warc.md
    says what of it is reconstructed. `dateline import` makes the same archive of it again.

    \b
      dateline export warc wire.warc.gz
      dateline export warc 2022.warc.gz --edition harbour-en --since 2022 --until 2022

    --since and --until mean the time of the visit, by each edition's own clock. Exit code 1 when pages had to be left
    out because the archive has lost them. --json: {file, captures, editions, bytes, left_out, damaged}.
    """  # noqa: D301 - click takes the control character for "leave these lines alone"
    from storage.warc.exports import export_warc
    from storage.write.archive import Archive

    chosen = choice(context.obj, options)
    with Archive.open(context.obj, readonly=True) as archive, progress_bar("export") as progress:
        exported = export_warc(archive, file, chosen, force=force, progress=progress)
    context.exit(report(file, exported, as_json=as_json))


@click.command("wacz")
@takes_captures
@click.pass_context
def wacz(
    context: click.Context,
    /,
    file: Path,
    *,
    force: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - as declared above
) -> None:
    """Every page as a WACZ 1.1 package: WARC records, their index, and the stories as searchable text.

    FILE ends in .wacz. ReplayWeb.page opens it in a browser, also from a plain web server; `dateline import` reads it.
    Needs room for twice its size while it is written.

    --since and --until mean the time of the visit, by each edition's own clock. Exit code 1 when pages had to be left
    out because the archive has lost them. --json: {file, captures, editions, bytes, left_out, damaged}.
    """
    from storage.warc.exports import export_wacz
    from storage.write.archive import Archive

    chosen = choice(context.obj, options)
    with Archive.open(context.obj, readonly=True) as archive, progress_bar("export") as progress:
        exported = export_wacz(archive, file, chosen, force=force, progress=progress)
    context.exit(report(file, exported, as_json=as_json))
