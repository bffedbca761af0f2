"""datapackage.json (Frictionless, https://datapackage.org/standard/): what the files of a folder hold, for programs.

Exports into one folder share it: each adds its own file, or renews it, and leaves all else as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from crawler.errors import ArgumentError
from storage.export.columns import Field, Table
from storage.export.formats import ExportedFile

NAME: Final = "datapackage.json"
_PROFILE: Final = "https://datapackage.org/profiles/2.0/datapackage.json"
_ODD = re.compile(r"[^a-z0-9.]+")


def package_in(folder: Path) -> dict[str, Any]:
    """The package that is in a folder; an empty one where there is none.

    Raises ArgumentError where the file is something else, which is nothing to write over.
    """
    path = folder / NAME
    if not path.exists():
        return {"$schema": _PROFILE, "name": "dateline", "title": "News archived by Dateline", "resources": []}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("resources", []), list):
        raise ArgumentError(f"{path} is there and is no data package: export into another folder")
    return found


def with_file(package: Mapping[str, Any], written: ExportedFile) -> dict[str, Any]:
    """The package with what is said of a file, in place of what it said of it before."""
    kept = [one for one in package.get("resources", []) if not isinstance(one, dict) or one.get("path") != written.name]
    added = [_resource(written, table) for table in written.format.tables]
    return {**package, "created": written.told["made_at"], "resources": [*kept, *added]}


def _resource(written: ExportedFile, table: Table) -> dict[str, Any]:
    made = written.format
    name = _ODD.sub("-", written.name.lower()).strip("-.")
    several = len(made.tables) > 1
    dialect = {**made.dialect, **({"table": table.name} if several else {})}
    return {
        "name": f"{name}-{table.name}" if several else name,
        "path": written.name,
        "description": table.description,
        "format": made.name,
        "mediatype": made.mediatype,
        **({"encoding": "utf-8"} if made.text else {}),
        "bytes": written.size,
        "hash": f"sha256:{written.sha256}",
        **({"dialect": dialect} if dialect else {}),
        "schema": {"fields": [_field(field) for field in table.fields], "primaryKey": [table.key]},
        "dateline": dict(written.told),
    }


def _field(field: Field) -> dict[str, Any]:
    required = {"constraints": {"required": True}} if field.required else {}
    return {"name": field.name, "type": field.type, "description": field.description, **required}
