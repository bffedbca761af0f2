"""One kept answer, read back whole through a `Reader`: for doors that have one open already.

What opens an `Archive` asks that for its bodies (storage/write/evidence/bodies.py); the frames are the same.
"""

from __future__ import annotations

import hashlib

from crawler.records import Snapshot
from storage.db.frames import DamagedBody, as_dictionary, decompress
from storage.db.rows import snapshot_from
from storage.read.locate import NotInArchive
from storage.read.reader import Reader


def kept(reader: Reader, snapshot_id: int) -> Snapshot:
    """The snapshot as it was kept, its body verified by its digest.

    Raises NotInArchive where there is none, DamagedBody where its body is lost.
    """
    row = reader.row(_SNAPSHOT, id=snapshot_id)
    if row is None:
        raise NotInArchive(f"no snapshot {snapshot_id} in {reader.name}")
    sha256 = row["body_sha256"]
    return snapshot_from(row, _body(reader, sha256) if sha256 else b"", row["key"])


def _body(reader: Reader, sha256: str) -> bytes:
    frame = reader.row(_FRAME, sha256=sha256)
    if frame is None:
        raise DamagedBody(sha256, "it is missing")
    dictionary = None
    if frame["head_sha256"] is not None:
        if frame["head_data"] is None or frame["head_of_head"] is not None:
            raise DamagedBody(sha256, f"its group's head {frame['head_sha256']} is missing")
        dictionary = as_dictionary(decompress(sha256, frame["head_data"], frame["head_size"], None))
    body = decompress(sha256, frame["data"], frame["size"], dictionary)
    if hashlib.sha256(body).hexdigest() != sha256:
        raise DamagedBody(sha256, "its bytes do not have this digest")
    return body


_SNAPSHOT = """
SELECT s.*, a.key FROM snapshots s LEFT JOIN articles a ON a.article_id = s.article_id WHERE s.snapshot_id = :id"""
_FRAME = """
SELECT b.size, b.data, b.head_sha256, h.size AS head_size, h.data AS head_data, h.head_sha256 AS head_of_head
FROM bodies b LEFT JOIN bodies h ON h.sha256 = b.head_sha256 WHERE b.sha256 = :sha256"""
