"""`dateline cite`: references that other programs read, whatever a headline holds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from storage.cli import dateline
from storage.read.articles import citations
from storage.read.articles.citations import Citation
from tests.sample_archive import small, troubled

CITED = Citation(
    name="belta-eng-1-2026-r1",
    title="Ferry resumes",
    author=None,
    publisher="BelTA",
    published="2026-03-09T22:00:00Z",
    url="https://eng.belta.by/society/view/ferry-1-2026/",
    language="en",
    captured="2026-03-10T12:00:00Z",
    sha256="ab" * 32,
    snapshot_id=7,
    revision=1,
    zone=ZoneInfo("Europe/Minsk"),
)
NOTE = f"Revision 1, captured 2026-03-10T12:00:00Z, snapshot 7, SHA-256 {'ab' * 32}"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("archive") / "archive.db")


def run(archive: Path, *arguments: str) -> Result:
    return CliRunner().invoke(dateline, ["--database", str(archive), "cite", *arguments], prog_name="dateline")


def test_a_footnote_says_what_where_when_and_how_to_prove_it() -> None:
    assert citations.plain(CITED) == (
        "“Ferry resumes”. BelTA, 2026-03-10 01:00 (Europe/Minsk time)."
        f" https://eng.belta.by/society/view/ferry-1-2026/. {NOTE}.\n"
    )


def test_bibtex_has_the_date_of_minsk_and_the_capture() -> None:
    assert citations.bibtex(CITED) == (
        "@misc{belta-eng-1-2026-r1,\n"
        "  title = {{Ferry resumes}},\n"
        "  author = {{BelTA}},\n"
        "  year = {2026},\n"
        "  month = {3},\n"
        "  date = {2026-03-10},\n"
        "  publisher = {BelTA},\n"
        "  howpublished = {BelTA},\n"
        "  url = {https://eng.belta.by/society/view/ferry-1-2026/},\n"
        "  urldate = {2026-03-10},\n"
        "  language = {en},\n"
        f"  note = {{{NOTE}}},\n"
        "}\n"
    )


def test_ris_is_a_record_of_lines() -> None:
    lines = citations.ris(CITED).splitlines()
    assert (lines[0], lines[-1]) == ("TY  - NEWS", "ER  - ")
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines)
    assert {"TI  - Ferry resumes", "DA  - 2026/03/10/", "Y2  - 2026/03/10/", f"N1  - {NOTE}"} < set(lines)


# Of the CSL-JSON schema (version 1.0): what an item of ours may hold, and in what form.
_TEXT = ("id", "title", "container-title", "publisher", "URL", "language", "version", "note")


def assert_csl(item: dict[str, Any]) -> None:
    assert item["type"] == "article-newspaper"
    assert set(item) <= {*_TEXT, "type", "author", "issued", "accessed"}
    assert all(isinstance(item[name], str) for name in _TEXT)
    assert all(set(name) == {"literal"} for name in item["author"])
    for date in (item.get("issued"), item["accessed"]):
        if date is not None:
            ((year, month, day),) = date["date-parts"]
            assert 1 <= month <= 12
            assert 1 <= day <= 31
            assert isinstance(year, int)


def test_csl_is_json_of_its_schema() -> None:
    (item,) = json.loads(citations.csl(CITED))
    assert_csl(item)
    assert (item["title"], item["issued"], item["note"]) == ("Ferry resumes", {"date-parts": [[2026, 3, 10]]}, NOTE)


def braces_hold(text: str) -> bool:
    """Whether every brace has its partner, as BibTeX counts them: behind a back-slash too."""
    depth = 0
    for sign in text:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth < 0:
            return False
    return depth == 0


@given(st.text(alphabet='a{}\\"%&$#_~^<>|,=@\n ', max_size=20) | st.text(max_size=20))
def test_no_headline_ends_an_entry(title: str) -> None:
    one = citations.Citation(
        **{**{name: getattr(CITED, name) for name in Citation.__slots__}, "title": citations._line(title) or "-"}
    )
    entry = citations.bibtex(one)
    assert braces_hold(entry)
    assert entry.count("\n") == citations.bibtex(CITED).count("\n")
    assert citations.ris(one).count("\n") == citations.ris(CITED).count("\n")
    assert json.loads(citations.csl(one))[0]["title"] == one.title
    assert citations.plain(one).count("\n") == 1


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("50% & $5 #1 a_b", r"50\% \& \$5 \#1 a\_b"),
        ("{a}", r"\textbraceleft{}a\textbraceright{}"),
        ("\\input~^", r"\textbackslash{}input\textasciitilde{}\textasciicircum{}"),
        ("Łódź", "Łódź"),
    ],
)
def test_signs_of_tex_are_shown_as_they_are(text: str, tex: str) -> None:
    assert citations._tex(text) == tex


@pytest.mark.parametrize("form", ["plain", "bibtex", "ris", "csl"])
def test_an_article_is_cited_with_its_capture(archive: Path, form: str) -> None:
    result = run(archive, "belta-eng/1001-2026", "--format", form)
    assert result.exit_code == 0
    assert "Wheat harvest begins near Brest" in result.stdout
    assert re.search(r"Revision 2, captured 2026-03-10T10:00:00Z, snapshot 5, SHA-256 [0-9a-f]{64}", result.stdout)
    assert "Revision 1, captured 2026-03-10T09" in run(archive, "1", "--format", form, "--revision", "1").stdout


def test_a_hostile_headline_cannot_drive_the_terminal(archive: Path) -> None:
    for form in citations.FORMATS:
        assert not set(run(archive, "3", "--format", form).stdout) & set("\x1b\x07\x9b\u202e"), form


def test_what_is_not_there_is_one_clear_line(archive: Path, tmp_path: Path) -> None:
    assert run(archive, "99").stderr.startswith("dateline: no article '99' in ")
    assert run(archive, "1", "--format", "word").exit_code == 2
    result = run(troubled(tmp_path / "archive.db"), "1005-2026")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "dateline: belta-eng/1005-2026: nothing is archived of it yet\n"
