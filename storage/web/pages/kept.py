"""The kept page: what the server sent at one visit, shown as it was, and unable to do anything."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from storage.db.frames import DamagedBody
from storage.read.articles.details import snapshot as visit_row
from storage.read.articles.kept_answers import kept
from storage.read.locate import NotInArchive
from storage.read.reader import Reader, Row
from storage.web.kept_answer import ALONE, KeptAnswer, exhibit, file_name, source, written
from storage.web.request import NotHere, PageRequest, Response

VIEWS: Final = {"page": "As a page", "addresses": "With addresses", "source": "Source"}


@dataclass(frozen=True, slots=True)
class KeptPageView:
    """What the page about a visit shows. `row` is its row of `details.snapshot`; `exhibit` is None where there is no
    body or it is lost, and `reason` says so.
    """

    row: Row
    edition: str
    article: Row | None
    revisions: tuple[Row, ...]
    earlier: int | None
    later: int | None
    exhibit: KeptAnswer | None = field(repr=False)
    reason: str

    @property
    def views(self) -> list[str]:
        """Names of `VIEWS` that there are of it, the best first."""
        shown = self.exhibit
        if shown is None:
            return []
        return [*(["page", "addresses"] if shown.page else []), *(["source"] if shown.text is not None else [])]


async def kept_page(visit: PageRequest) -> Response:
    """All about one visit, with what it brought in a frame that nothing gets out of."""
    found = await visit.ask(_of(visit, _kept))
    wanted = visit.argument("as")
    view = wanted if wanted in found.views else next(iter(found.views), "")
    return await visit.show(
        "kept.html",
        found=found,
        visit=found.row,
        view=view,
        views=[(name, VIEWS[name]) for name in found.views],
        redirects=json.loads(found.row["redirects"]),
        answered=json.loads(found.row["headers"]),
    )


async def framed(visit: PageRequest) -> Response:
    """The page itself, harmless, for the frame."""
    found = await visit.ask(
        _of(visit, lambda reader, at: _whole(reader, at, addresses=bool(visit.argument("addresses"))))
    )
    if found.page is None:
        raise NotHere(found.reason)
    return Response(written(found.page), headers=dict(ALONE), content_type="text/html; charset=utf-8")


async def source_page(visit: PageRequest) -> Response:
    """The source of the page, as plain text in the frame."""
    text = await visit.ask(_of(visit, lambda reader, at: source(kept(reader, at))))
    if text is None:
        raise NotHere(f"Snapshot {visit.part('id')} is no text: its bytes can be downloaded")
    return Response(text, headers=dict(ALONE), content_type="text/plain; charset=utf-8")


async def body_bytes(visit: PageRequest) -> Response:
    """The untouched bytes, as a file that no browser opens."""
    found = await visit.ask(_of(visit, kept))
    if not found.body:
        raise NotHere(f"Snapshot {visit.part('id')}: the server sent no body (HTTP {found.status})")
    digest = base64.b64encode(bytes.fromhex(found.sha256)).decode()
    headers = {
        **ALONE,
        "Content-Disposition": f'attachment; filename="{file_name(int(visit.part("id")), found)}"',
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    return Response(found.body, headers=headers, content_type="application/octet-stream")


def _of(visit: PageRequest, question: Callable[[Reader, int], Any]) -> Callable[[Reader], Any]:
    """A question about the visit that the address names. What is not there, or lost, is not here."""
    snapshot_id = int(visit.part("id"))

    def asked(reader: Reader) -> Any:  # noqa: ANN401 - the question's answer
        try:
            return question(reader, snapshot_id)
        except (NotInArchive, DamagedBody) as error:
            raise NotHere(str(error)) from error

    return asked


def _whole(reader: Reader, snapshot_id: int, *, addresses: bool = False) -> KeptAnswer:
    return exhibit(kept(reader, snapshot_id), addresses=addresses)


def _kept(reader: Reader, snapshot_id: int) -> KeptPageView:
    row = visit_row(reader, snapshot_id)
    if row is None:
        raise NotHere(f"There is no snapshot {snapshot_id} in this archive")
    found, reason = None, f"The server sent no body (HTTP {row['status']})."
    if row["body_sha256"] is not None:
        try:
            found = _whole(reader, snapshot_id)
            reason = found.reason
        except DamagedBody as error:
            reason = str(error)
    around = {"article": row["article_id"], "id": snapshot_id}
    return KeptPageView(
        row=row,
        edition=str((reader.row(_EDITION, id=snapshot_id) or {}).get("edition")),
        article=reader.row(_ARTICLE, id=row["article_id"]),
        revisions=tuple(reader.rows(_REVISIONS, **around)),
        earlier=_beside(reader, "max", "<", around),
        later=_beside(reader, "min", ">", around),
        exhibit=found,
        reason=reason,
    )


def _beside(reader: Reader, which: str, side: str, around: dict[str, int | None]) -> int | None:
    """The visit of the same article before or after."""
    sql = f"SELECT {which}(snapshot_id) AS id FROM snapshots WHERE article_id = :article AND snapshot_id {side} :id"  # noqa: S608 - our own words
    row = reader.row(sql, **around)
    return None if row is None else row["id"]


_EDITION = "SELECT edition FROM snapshots WHERE snapshot_id = :id"
_ARTICLE = """
SELECT a.edition, a.key, a.status, r.headline FROM articles a LEFT JOIN revisions r ON r.revision_id = a.revision_id
WHERE a.article_id = :id"""
# By its article, for which there is an index.
_REVISIONS = """
SELECT number, correction FROM revisions WHERE article_id = :article AND snapshot_id = :id
ORDER BY number, correction"""

ROUTES = (
    (r"/kept/(?P<id>\d{1,18})$", kept_page),
    (r"/kept/(?P<id>\d{1,18})/page$", framed),
    (r"/kept/(?P<id>\d{1,18})/source$", source_page),
    (r"/kept/(?P<id>\d{1,18})/bytes$", body_bytes),
)
