"""`dateline export csv`, `jsonl`, `parquet` and `sqlite`: articles as tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from crawler.errors import ArchiveError
from storage.cli.commands import print_json, say, takes_database
from storage.cli.commands.filters import SearchCommand, doubt, filters, takes_filters
from storage.terminal.amounts import counted, sized

if TYPE_CHECKING:
    from storage.export.delivery import ExportSummary
    from storage.export.selection import ArticleExport

Command = TypeVar("Command", bound=Callable[..., Any])


def takes_table(command: Command) -> Command:
    """The arguments of an export of articles: FILE, QUERY, the filters, --force, --json and --database."""
    for option in reversed(
        (
            click.argument("file", type=click.Path(path_type=Path)),
            click.argument("query", nargs=-1),
            takes_filters,
            click.option("--force", is_flag=True, help="Replace FILE if it exists."),
            click.option("--json", "as_json", is_flag=True, help="One JSON object about what was written."),
            takes_database,
            click.pass_context,
        )
    ):
        command = option(command)
    return command


def export(context: click.Context, name: str, file: Path, options: dict[str, Any]) -> None:
    """Writes the articles that the options mean into a file of that format, and says so."""
    from storage.export.delivery import check_place, export_articles
    from storage.export.formats import format_named
    from storage.export.selection import ArticleExport
    from storage.read.reader import open_reader
    from storage.terminal.progress import bar

    words, force, as_json = " ".join(options.pop("query")), options.pop("force"), options.pop("as_json")
    made = format_named(name)
    made.ready()
    check_place(file, made, force=force)
    with open_reader(context.obj) as reader, bar(unit="articles") as tell:
        wanted, more = filters(reader, options), {"bom": options.get("bom", False)}
        handout = ArticleExport.of(reader, words, wanted, datetime.now(UTC), tell=tell, **more)
        if hint := handout.selection.hint:
            say(hint)
        if not handout.selection.total:
            doubt(reader, wanted)
            raise ArchiveError(f"archive {reader.name}: no such article: nothing was written")
        written = export_articles(handout, file, made, force=force)
    _report(file, name, handout, written, as_json=as_json)


def _report(file: Path, name: str, handout: ArticleExport, written: ExportSummary, *, as_json: bool) -> None:
    if not as_json:
        articles = counted(written.articles, "article")
        click.echo(f"{file}: {articles} of {', '.join(written.editions)}, {sized(written.size)}")
        click.echo(f"beside it: {written.dictionary.name}, {written.datapackage.name}")
        return
    print_json(
        {
            "file": str(file),
            "format": name,
            "hint": handout.selection.hint,
            "articles": written.articles,
            "editions": list(written.editions),
            "bytes": written.size,
            "sha256": written.sha256,
            "dictionary": str(written.dictionary),
            "datapackage": str(written.datapackage),
        }
    )


@click.command("csv", cls=SearchCommand)
@click.option("--bom", is_flag=True, help="Begin with the mark by which Excel knows UTF-8.")
@takes_table
def csv(context: click.Context, /, file: Path, **options: Any) -> None:  # noqa: ANN401 - as declared above
    """Articles as CSV, for spreadsheets: a row each, with its current revision.

    FILE ends in .csv. QUERY and filters are those of `dateline search`; without them every article is written.

    \b
      dateline export csv wire.csv
      dateline export csv wheat.csv wheat harvest --edition harbour-en --since 2022-08

    A cell that a spreadsheet would run as a formula gets an apostrophe in front; the other formats hold the text as it
    is. Beside FILE stand FILE.dictionary.md, which describes the columns, and datapackage.json, which says what was
    asked of which state of the archive. --json: {file, format, hint, articles, editions, bytes, sha256, dictionary,
    datapackage}.
    """  # noqa: D301 - click takes the control character for "leave these lines alone"
    export(context, "csv", file, options)


@click.command("jsonl", cls=SearchCommand)
@takes_table
def jsonl(context: click.Context, /, file: Path, **options: Any) -> None:  # noqa: ANN401 - as declared above
    """Articles as JSON Lines, for programs: an object each, with its current revision.

    FILE ends in .jsonl. QUERY and filters are those of `dateline search`; without them every article is written.

    Beside FILE stand FILE.dictionary.md, which describes the columns, and datapackage.json, which says what was asked
    of which state of the archive. --json: {file, format, hint, articles, editions, bytes, sha256, dictionary,
    datapackage}.
    """
    export(context, "jsonl", file, options)


@click.command("parquet", cls=SearchCommand)
@takes_table
def parquet(context: click.Context, /, file: Path, **options: Any) -> None:  # noqa: ANN401 - as declared above
    """Articles as Parquet, for pandas, DuckDB, R and the like: times are times there.

    FILE ends in .parquet. QUERY and filters are those of `dateline search`; without them every article is written.
    Needs pyarrow: pip install 'dateline[parquet]'.

    Beside FILE stand FILE.dictionary.md, which describes the columns, and datapackage.json, which says what was asked
    of which state of the archive. --json: {file, format, hint, articles, editions, bytes, sha256, dictionary,
    datapackage}.
    """
    export(context, "parquet", file, options)


@click.command("sqlite", cls=SearchCommand)
@takes_table
def sqlite(context: click.Context, /, file: Path, **options: Any) -> None:  # noqa: ANN401 - as declared above
    """Articles as a small plain SQLite file: `news`, `revisions`, `photos` and a full-text index.

    FILE ends in .sqlite. QUERY and filters are those of `dateline search`; without them every article is written, with
    all its revisions. The pages stay in the archive: `dateline` itself does not open the file.

    Beside FILE stand FILE.dictionary.md, which describes the columns, and datapackage.json, which says what was asked
    of which state of the archive. --json: {file, format, hint, articles, editions, bytes, sha256, dictionary,
    datapackage}.
    """
    export(context, "sqlite", file, options)
