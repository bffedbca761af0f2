"""How `make docs` renders the documentation: Sphinx reads the Markdown files where they lie, here and in the root."""

from __future__ import annotations

import tomllib
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "Dateline"
author = _PROJECT["authors"][0]["name"]
version = release = _PROJECT["version"]
copyright = author  # noqa: A001 - Sphinx wants this name

extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/*.md", "docs/decisions/*.md", "examples/*.md"]
myst_heading_anchors = 3  # links such as search.md#spelling


html_theme = "furo"
html_title = f"Dateline {version}"
html_copy_source = False
html_show_sphinx = False
