"""`dateline html`: one page byte for byte as the server sent it."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click

from crawler.errors import ArgumentError
from storage.cli.commands import takes_database
from storage.read.articles.details import article_details, snapshot
from storage.read.locate import NotInArchive, locate
from storage.read.reader import Reader, Row, open_reader


@click.command("html")
@click.argument("article", required=False)
@click.option("--revision", type=click.IntRange(min=1), metavar="N", help="The page that showed revision N.")
@click.option("--snapshot", "snapshot_id", type=click.IntRange(min=1), metavar="ID", help="This visit.")
@click.option("--digest", is_flag=True, help="Only its SHA-256, verified.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE.")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@takes_database
@click.pass_context
def command(  # noqa: PLR0913 - an option each
    context: click.Context,
    article: str | None,
    revision: int | None,
    snapshot_id: int | None,
    output: Path | None,
    *,
    digest: bool,
    force: bool,
) -> None:
    """One page byte for byte as the server sent it, content encoding (gzip, br) undone.

    ARTICLE as in `dateline show`; without options the page that showed its current revision. The bytes are
    compared with the SHA-256 under which they are stored before anything is written: where they differ, nothing is
    written and the exit code is 1.

    \b
      dateline html 152706-2022 -o proof.html
      dateline html 152706-2022 | sha256sum; dateline html 152706-2022 --digest
    """  # noqa: D301 - click takes the control character for "leave these lines alone"
    if (article is None) == (snapshot_id is None) or (revision and snapshot_id):
        raise click.UsageError("name one ARTICLE (and --revision), or one --snapshot", context)
    with open_reader(context.obj) as reader:
        visit = _by_id(reader, snapshot_id) if snapshot_id else _of_article(reader, article or "", revision)
    sha256, body = _body(context.obj, visit)
    if digest:
        click.echo(sha256)
    elif output is None:
        sys.stdout.buffer.write(body)
    else:
        _write(output, body, force=force)


def _by_id(reader: Reader, snapshot_id: int) -> Row:
    visit = snapshot(reader, snapshot_id)
    if visit is None:
        raise NotInArchive(f"no snapshot {snapshot_id} in {reader.name}")
    return visit


def _of_article(reader: Reader, article: str, revision: int | None) -> Row:
    found = article_details(reader, locate(reader, article), revision)
    if found.snapshot is None:
        raise NotInArchive(f"{article}: nothing is archived of it yet; `dateline show {article}` says why")
    return found.snapshot


def _body(target: str, visit: Row) -> tuple[str, bytes]:
    """The digest and the body of a visit. `Archive.body` compares them, and raises DamagedBody where they differ."""
    sha256 = visit["body_sha256"]
    if sha256 is None:
        raise NotInArchive(f"snapshot {visit['snapshot_id']}: the server sent no body (HTTP {visit['status']})")
    from storage.write.archive import Archive

    with Archive.open(target, readonly=True) as archive:
        return sha256, archive.body(sha256)


def _write(path: Path, body: bytes, *, force: bool) -> None:
    """All of it under the final name, or nothing: a disk that fills leaves no half file."""
    if path.is_dir():
        raise ArgumentError(f"{path} is a folder: name a file in it")
    if path.exists() and not force:
        raise ArgumentError(f"{path} exists: --force replaces it")
    if not path.parent.is_dir():
        raise ArgumentError(f"{path}: there is no folder {path.parent}")
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
