"""`dateline cite`: an article as a reference, with the capture that proves it."""

from __future__ import annotations

import click

from storage.cli.commands import takes_database
from storage.read.articles.citations import FORMATS, citation
from storage.read.articles.details import article_details
from storage.read.locate import locate
from storage.read.reader import open_reader


@click.command("cite")
@click.argument("article")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="plain", show_default=True, help="Which.")
@click.option("--revision", type=click.IntRange(min=1), metavar="N", help="As it stood in revision N.")
@takes_database
@click.pass_context
def command(context: click.Context, article: str, form: str, revision: int | None) -> None:
    """An article as a reference: what it is, where it was, when it was captured, and the digest of that page.

    ARTICLE is named as in `dateline show`. Formats: plain for a footnote, bibtex, ris (Zotero, EndNote), csl
    (CSL-JSON: Zotero, pandoc). The date of publication is that of the edition's own zone, the capture is UTC. The page
    is found in the archive by its snapshot: `dateline html --snapshot ID | sha256sum` gives the digest.
    """
    with open_reader(context.obj) as reader:
        found = article_details(reader, locate(reader, article), revision)
    click.echo(FORMATS[form](citation(found)), nl=False)
