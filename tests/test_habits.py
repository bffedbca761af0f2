"""What others expect beside the code: a citation, hooks, templates, decisions, and a site of the documentation."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TEMPLATES = ROOT / ".github" / "ISSUE_TEMPLATE"
DECISIONS = ROOT / "docs" / "decisions"
PAGES = sorted(path for place in (".", "docs", "docs/decisions", "examples") for path in (ROOT / place).glob("*.md"))
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")


def read(path: str) -> Any:  # noqa: ANN401 - YAML holds anything
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def test_the_citation_says_what_the_project_says() -> None:
    cited = read("CITATION.cff")
    assert {"cff-version", "message", "title", "authors"} <= cited.keys()  # what version 1.2.0 of the format requires
    assert (cited["cff-version"], cited["type"]) == ("1.2.0", "software")
    assert (cited["version"], cited["license"]) == (PROJECT["version"], PROJECT["license"])
    assert [author["name"] for author in cited["authors"]] == [author["name"] for author in PROJECT["authors"]]


def test_hooks_run_tools_of_this_project_and_fetch_none() -> None:
    (repository,) = read(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        tool = Path(hook["entry"].split()[0])
        assert tool.parent == Path(".venv/bin")
        assert (Path(sys.executable).parent / tool.name).exists()


@pytest.mark.parametrize("name", sorted(path.name for path in TEMPLATES.glob("*.yml") if path.stem != "config"))
def test_a_template_asks_for_something_that_must_be_given(name: str) -> None:
    form = read(f".github/ISSUE_TEMPLATE/{name}")
    assert {"name", "description", "body"} <= form.keys()
    assert any(part.get("validations", {}).get("required") for part in form["body"])
    names = [part["id"] for part in form["body"]]
    assert len(names) == len(set(names))


def test_every_decision_is_listed_numbered_and_says_why() -> None:
    records = sorted(DECISIONS.glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    listed = re.findall(r"\[(\d{4})\]\((\S+\.md)\)", (DECISIONS / "README.md").read_text(encoding="utf-8"))
    assert [name for _, name in listed] == [path.name for path in records]
    for path in records:
        first, *_ = (text := path.read_text(encoding="utf-8")).splitlines()
        assert re.fullmatch(rf"# {int(path.name[:4])}\. \S.+", first), path.name
        assert "Decision" in text, path.name


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_of_the_documentation_leads_to_a_file(page: Path) -> None:
    links = {link.partition("#")[0] for link in _LINK.findall(page.read_text(encoding="utf-8"))}
    here = {link for link in links if link and "://" not in link and not link.startswith("mailto:")}
    assert sorted(link for link in here if not (page.parent / link).exists()) == []


def test_the_site_of_the_documentation_has_every_page() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    trees = re.findall(r"```\{toctree\}\n(.*?)```", index, re.DOTALL)
    entries = {line for tree in trees for line in tree.splitlines()}
    reached = {f"docs/{entry}" if not entry.startswith("../") else entry[3:] for entry in entries if entry}
    pages = {page.relative_to(ROOT).with_suffix("").as_posix() for page in PAGES} - {"docs/index"}
    assert {page for page in pages if not page.startswith("docs/decisions/0")} <= reached
