"""`dateline sites`: what is installed, from where, and whether each site file is right."""

from __future__ import annotations

from typing import Any

import click

from crawler.records import Edition
from crawler.sites import registry
from crawler.sites.base import Site
from crawler.sites.declared.sitefile import SCHEMA
from crawler.sites.registry import Fault, Installed
from storage.cli.commands import print_json
from storage.terminal.amounts import counted
from storage.terminal.lines import LineWriter, Span

INDENT = 12  # columns
IN_PYTHON = "dateline"


@click.group("sites", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, as described above.")
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    """What is installed, from where, and whether each site file is right.

    A site is part of Dateline, or a TOML file in ./sites, in a folder of DATELINE_SITES (separated like PATH), or in an
    installed package (entry point group dateline.sites). docs/sites.md says how to write one. Exit code 1 where a
    file is wrong: its line names key and way out.

    --json: {sites: [{site, agency, from, file, experimental, editions: [{edition, host, aliases, language, timezone,
    listings: [{name, kind}]}]}], wrong: [{file, problem}]}. file is null for a site written in Python.
    """
    if context.invoked_subcommand is not None:
        return
    found = registry()
    if as_json:
        print_json({"sites": [_site(one) for one in found.installed], "wrong": [_wrong(one) for one in found.faults]})
    else:
        _show(found.installed, found.faults)
    context.exit(1 if found.faults else 0)


@command.command("schema")
def schema() -> None:
    """The JSON Schema of a site file, for editors.

    An editor that knows TOML schemas takes it from a line `#:schema site.schema.json` at the top of a file.
    """
    click.echo(SCHEMA.read_text(encoding="utf-8"), nl=False)


def _site(one: Installed) -> dict[str, Any]:
    site = one.site
    return {
        "site": site.name,
        "agency": site.agency,
        "from": _origin(one),
        "file": None if one.site_file is None else str(one.site_file.path),
        "experimental": site.experimental,
        "editions": [_edition(site, edition) for edition in site.editions],
    }


def _edition(site: Site, edition: Edition) -> dict[str, Any]:
    return {
        "edition": edition.name,
        "host": edition.host,
        "aliases": list(edition.aliases),
        "language": edition.language,
        "timezone": edition.timezone.key,
        "listings": [{"name": listing.name, "kind": listing.kind} for listing in site.listings(edition)],
    }


def _wrong(fault: Fault) -> dict[str, Any]:
    return {"file": None if fault.site_file is None else str(fault.site_file.path), "problem": fault.message}


def _origin(one: Installed) -> str:
    return IN_PYTHON if one.site_file is None else one.site_file.origin


def _show(installed: tuple[Installed, ...], faults: tuple[Fault, ...]) -> None:
    paper = LineWriter()
    for one in installed:
        notes = [_origin(one), *(["experimental: nobody has run it yet"] if one.site.experimental else [])]
        paper.line(Span(one.site.name, "title"), f"  {one.site.agency} ({'; '.join(notes)})")
        for edition in one.site.editions:
            listings = ", ".join(listing.name for listing in one.site.listings(edition))
            paper.line(
                f"{edition.name}  {edition.host}, {edition.language}, {edition.timezone.key}: {listings}", indent=2
            )
    if faults:
        paper.blank()
        paper.line(Span(f"{counted(len(faults), 'file')} cannot be used:", "alarm"))
    for fault in faults:
        paper.line(fault.message, indent=2)
