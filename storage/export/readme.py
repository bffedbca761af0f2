"""The leaflet beside a file that is handed out: what it is, of which archive, and what its columns hold. Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from storage.export.formats import ExportedFile
from storage.read.coverage.statement import sentences
from storage.terminal.amounts import counted, sized
from storage.terminal.lines import printable

_ORIGIN = """
The texts are the agency's: they are what was read from its pages. The archive keeps the pages themselves, byte for byte
(`snapshot_id` names the one, `dateline html` gives it), and the digest of its head stands for all that it held by then.
"""


def readme(written: ExportedFile) -> str:
    """The text for a file."""
    return "\n".join(_lines(written)) + "\n"


def _lines(written: ExportedFile) -> Iterator[str]:
    count = counted(written.told["articles"], "article")
    yield f"# {written.name}\n"
    yield f"{count}, {sized(written.size)}, SHA-256 `{written.sha256}`.\n"
    yield from (f"- {label}: {text}" for label, text in _facts(written.told) if text)
    yield from _coverage(written.told["coverage"])
    yield _ORIGIN
    yield written.format.about
    for table in written.format.tables:
        yield f"## {table.name}\n\n{table.description}\n"
        yield "| Column | Type | What it holds |"
        yield "| --- | --- | --- |"
        for field in table.fields:
            kind = field.type + (", never null" if field.required else "")
            yield f"| `{field.name}` | {kind} | {field.description.replace('|', '&#124;')} |"
        yield ""


def _coverage(accounts: Mapping[str, Any]) -> Iterator[str]:
    """What the archive has of the days that were asked for, and what it has not."""
    yield "\n## Coverage\n"
    for edition, account in accounts.items():
        told = list(sentences(account))
        yield from [f"- {edition}: {told[0]}", *(f"  - {printable(line)}" for line in told[1:])]


def _facts(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    asked, archive = told["asked"], told["archive"]
    head = archive["head"]
    yield "Written", f"{told['made_at']} by {told['software']}"
    yield "Archive", f"{archive['name']}, schema {archive['schema']}"
    yield (
        "Head",
        f"manifest {head['manifest']}, sealed at {head['sealed_at']}, digest `{head['digest']}`" if head else "",
    )
    yield "Query", _code(asked["query"])
    yield "Searched instead", asked["hint"] and printable(asked["hint"])
    given = {name: value for name, value in asked.items() if value and name not in {"query", "hint"}}
    yield "Filters", ", ".join(f"{name} {_code(value)}" for name, value in given.items())
    yield "Editions", ", ".join(f"{name} ({count:,})" for name, count in told["editions"].items())
    yield "Published", f"{told['published_first']} to {told['published_last']}" if told["published_first"] else ""


def _code(value: object) -> str:
    """A word as code: what was typed may hold anything."""
    return f"`{printable(str(value)).replace('`', chr(39))}`" if value else ""
