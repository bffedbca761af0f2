"""Citations of one revision of an article: what it is, where it was, when it was captured, and the digest of the page.

Headlines are hostile: line breaks, braces and back-slashes must neither end an entry nor begin another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from crawler.records import UTC
from storage.read.articles.details import ArticleDetails
from storage.read.locate import NotInArchive
from storage.terminal.lines import printable
from storage.terminal.moments import local, time_of


@dataclass(frozen=True, slots=True)
class Citation:
    """What a citation says. Texts are one line each; times are UTC text, `published` None where the page has none.
    `zone` is that of the edition, by which the day of publication is told.
    """

    name: str
    title: str
    author: str | None
    publisher: str
    published: str | None
    url: str
    language: str
    captured: str
    sha256: str | None
    snapshot_id: int
    revision: int
    zone: ZoneInfo = UTC

    @property
    def note(self) -> str:
        """Which state of the article is meant, and how it can be proved."""
        digest = f"SHA-256 {self.sha256}" if self.sha256 else "no body"
        return f"Revision {self.revision}, captured {self.captured}, snapshot {self.snapshot_id}, {digest}"


def citation(found: ArticleDetails) -> Citation:
    """The citation of the revision that `details` show. Raises NotInArchive where there is none yet."""
    article, revision, snapshot = found.article, found.revision, found.snapshot
    if revision is None or snapshot is None:
        raise NotInArchive(f"{article['edition']}/{article['key']}: nothing is archived of it yet")
    return Citation(
        name=f"{article['edition']}-{article['key']}-r{revision['number']}",
        title=_line(revision["headline"]) or article["url"],
        author=_line(revision["author"]) or None,
        publisher=found.agency,
        published=revision["published_at"],
        url=_address(article["url"]),
        language=revision["language"],
        captured=snapshot["fetched_at"],
        sha256=snapshot["body_sha256"],
        snapshot_id=snapshot["snapshot_id"],
        revision=revision["number"],
        zone=found.zone,
    )


def plain(cited: Citation) -> str:
    """A sentence, as a footnote has it."""
    who = f"{cited.author}. " if cited.author else ""
    when = f"{local(cited.published, cited.zone)} ({time_of(cited.zone)})" if cited.published else "no date"
    return f"{who}“{cited.title}”. {cited.publisher}, {when}. {cited.url}. {cited.note}.\n"


def bibtex(cited: Citation) -> str:
    """A ``@misc`` entry for BibTeX and biblatex, in UTF-8."""
    when = _local(cited)
    fields = {
        "title": f"{{{_tex(cited.title)}}}",  # twice in braces: capitals stay
        "author": f"{{{_tex(cited.author or cited.publisher)}}}",
        "year": f"{when:%Y}" if when else None,
        "month": f"{when.month}" if when else None,
        "date": f"{when:%Y-%m-%d}" if when else None,
        "publisher": _tex(cited.publisher),
        "howpublished": _tex(cited.publisher),
        "url": cited.url,
        "urldate": cited.captured[:10],
        "language": _tex(cited.language),
        "note": _tex(cited.note),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{_key(cited.name)},", *lines, "}"]) + "\n"


def ris(cited: Citation) -> str:
    """A record for Zotero, EndNote and their like."""
    when = _local(cited)
    fields = [
        ("TY", "NEWS"),
        ("ID", _key(cited.name)),
        ("TI", cited.title),
        ("AU", cited.author or cited.publisher),
        ("T2", cited.publisher),
        ("PB", cited.publisher),
        ("PY", f"{when:%Y}" if when else None),
        ("DA", f"{when:%Y/%m/%d}/" if when else None),
        ("UR", cited.url),
        ("Y2", f"{cited.captured[:10].replace('-', '/')}/"),
        ("LA", cited.language),
        ("N1", cited.note),
    ]
    return "".join(f"{tag}  - {value}\n" for tag, value in fields if value) + "ER  - \n"


def csl(cited: Citation) -> str:
    """CSL-JSON, for Zotero, pandoc and citeproc: an array with one item."""
    when = _local(cited)
    item: dict[str, Any] = {
        "id": _key(cited.name),
        "type": "article-newspaper",
        "title": cited.title,
        "author": [{"literal": cited.author or cited.publisher}],
        "container-title": cited.publisher,
        "publisher": cited.publisher,
        "URL": cited.url,
        "language": cited.language,
        "accessed": {"date-parts": [[int(part) for part in cited.captured[:10].split("-")]]},
        "version": f"revision {cited.revision}",
        "note": cited.note,
    }
    if when:
        item["issued"] = {"date-parts": [[when.year, when.month, when.day]]}
    return json.dumps([item], ensure_ascii=True, indent=2) + "\n"


FORMATS: Final[Mapping[str, Callable[[Citation], str]]] = {"plain": plain, "bibtex": bibtex, "ris": ris, "csl": csl}

_TEX: Final = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': '{"}',
    **{sign: f"\\{sign}" for sign in "$&%#_"},
}  # fmt: skip


def _tex(text: str) -> str:
    r"""Text for TeX. Braces become words: BibTeX counts them, also behind a back-slash.

    >>> _tex("50% of {A_B}")
    '50\\% of \\textbraceleft{}A\\_B\\textbraceright{}'
    """
    return "".join(_TEX.get(sign, sign) for sign in text)


def _line(text: str | None) -> str:
    """One line that drives no terminal."""
    return " ".join(printable(text or "").split())


def _address(url: str) -> str:
    """An address in which nothing can end a field."""
    return quote(url, safe="/:?#[]@!$&'()*+,;=%~-._")


def _key(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", name)


def _local(cited: Citation) -> datetime | None:
    return None if cited.published is None else datetime.fromisoformat(cited.published).astimezone(cited.zone)
