"""Manifests: what is sealed, that nothing stays outside, and that an outsider can compute them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from storage.write.archive import Archive
from storage.write.evidence import manifest
from storage.write.evidence.manifest import MARK, SEALED, Manifest, head, leaf, merkle_root
from tests.invented import EDITION, NOON, Desk, desk, page, story
from tests.sample_archive import small

HOUR = timedelta(hours=1)
IDS = {table.name: columns[0] for table, columns in SEALED.items()}

# Leaves and roots of the reference implementation of RFC 6962.
LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def newest(archive: Archive) -> Manifest:
    with archive.connection() as connection:
        found = head(connection)
    assert found is not None
    return found


def finish(crawl: Desk) -> Manifest:
    crawl.archive.finish_crawl(crawl.crawl_id, "complete", 0, None, NOON)
    return newest(crawl.archive)


def chained(path: Path) -> list[str]:
    """The digests of an archive's manifests as an outsider computes them, from docs/provenance.md alone."""

    def canonical(value: object) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()

    def root(leaves: list[bytes]) -> bytes:
        if len(leaves) < 2:
            return leaves[0] if leaves else hashlib.sha256(b"").digest()
        half = 1 << (len(leaves) - 1).bit_length() - 1
        return hashlib.sha256(b"\x01" + root(leaves[:half]) + root(leaves[half:])).digest()

    digests: list[str] = []
    with closing(sqlite3.connect(path)) as file:
        after = dict.fromkeys(IDS, 0)
        query = "SELECT manifest_id, crawl_id, sealed_at, upto FROM manifests ORDER BY manifest_id"
        for number, crawl_id, sealed_at, upto in file.execute(query).fetchall():
            rows = []
            for table, columns in SEALED.items():
                name, key = table.name, columns[0]
                sql = f"SELECT {','.join(columns)} FROM {name} WHERE {key} > ? AND {key} <= ? ORDER BY 1"  # noqa: S608
                rows += [[name, *row] for row in file.execute(sql, (after[name], json.loads(upto)[name]))]
            if crawl_id is not None:
                end = "SELECT crawl_id, finished_at, outcome, exit_code, message FROM crawls WHERE crawl_id = ?"
                rows.append(["end", *file.execute(end, (crawl_id,)).fetchone()])
            top = root([hashlib.sha256(b"\x00" + canonical(row)).digest() for row in rows]).hex()
            before = digests[-1] if digests else None
            sealed = ["manifest", "2", number, before, crawl_id, sealed_at, json.loads(upto), top]
            digests.append(hashlib.sha256(b"\x02" + canonical(sealed)).hexdigest())
            after = json.loads(upto)
    return digests


@pytest.mark.parametrize("count", ROOTS)
def test_the_tree_is_that_of_certificate_transparency(count: int) -> None:
    leaves = [hashlib.sha256(b"\x00" + bytes.fromhex(data)).digest() for data in LEAVES[:count]]
    assert merkle_root(leaves).hex() == ROOTS[count]


def test_an_outsider_computes_the_same_chain_from_the_file_alone(tmp_path: Path) -> None:
    path = small(tmp_path / "archive.db")
    with closing(sqlite3.connect(path)) as file:
        written = [digest for (digest,) in file.execute("SELECT digest FROM manifests ORDER BY manifest_id")]
    assert chained(path) == written
    assert len(written) == 2


def test_every_finished_crawl_has_its_manifest(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        assert crawl.rows("SELECT * FROM manifests") == []
        crawl.visit(story())
        first = finish(crawl)
        assert (first.manifest_id, first.crawl_id, first.sealed_at) == (1, crawl.crawl_id, "2026-03-10T12:00:00Z")
        other = crawl.archive.begin_crawl(EDITION, {}, "dateline/0", "test", NOON + HOUR)
        crawl.archive.finish_crawl(other, "incomplete", 3, "the site fell asleep", NOON + HOUR)
        second = newest(crawl.archive)
    assert (second.manifest_id, second.crawl_id) == (2, other)
    assert {**second.upto, "crawls": 1} == first.upto
    assert len(second.marks) == 2 * MARK  # the crawl's row and its end


def test_rows_of_a_killed_crawl_are_sealed_by_the_next_that_ends(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with desk(path) as killed:
        killed.visit(story())
        unread = killed.keep(page("2-2026"))
    with desk(path) as crawl:
        sealed = finish(crawl)
    assert sealed.upto["snapshots"] == unread
    assert sealed.upto["crawls"] == crawl.crawl_id == killed.crawl_id + 1


def test_every_row_is_in_one_manifest_however_many_are_read_at_a_time(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        for number in range(12):
            crawl.visit(story(f"{number}-2026", headline=f"Ferry {number}"))
        whole = finish(crawl)
        with crawl.archive.connection() as connection:
            rows = sum(1 for table in SEALED for _ in manifest.rows_of(connection, table, 0))
            in_pieces = all_leaves(connection, 5)
    assert rows == len(in_pieces) == 1 + 12 * 4  # a crawl; articles, snapshots, revisions, photos
    assert whole.marks == b"".join(found[:MARK] for found in in_pieces) + whole.marks[-MARK:]


def all_leaves(connection: Connection, size: int) -> list[bytes]:
    found = []
    for table, columns in SEALED.items():
        after = 0
        while True:
            names = ", ".join(columns)
            sql = f"SELECT {names} FROM {table.name} WHERE {columns[0]} > {after} ORDER BY 1 LIMIT {size}"  # noqa: S608
            rows = connection.exec_driver_sql(sql).all()
            if not rows:
                break
            found += [leaf(table.name, row) for row in rows]
            after = rows[-1][0]
    return found


def test_how_a_crawl_ended_is_sealed_and_can_not_be_said_again(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        sealed = finish(crawl)
        with pytest.raises(ValueError, match=f"crawl {crawl.crawl_id} is finished already"):
            crawl.archive.finish_crawl(crawl.crawl_id, "incomplete", 3, None, NOON)
        assert newest(crawl.archive) == sealed
        assert crawl.value("SELECT outcome FROM crawls") == "complete"


def test_a_visit_that_is_only_marked_later_stays_as_it_was_sealed(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with desk(path) as killed:
        killed.keep(page())
        other = killed.archive.begin_crawl("belta-rus", {}, "dateline/0", "test", NOON)
        killed.archive.finish_crawl(other, "complete", 0, None, NOON)
    before = chained(path)
    with desk(path) as crawl:
        crawl.archive.gone(1, 1, 404, NOON)
    assert chained(path) == before


VALUES = st.none() | st.integers(0, 2**40) | st.text(max_size=8)


@given(st.lists(VALUES, max_size=4), st.lists(VALUES, max_size=4))
def test_different_rows_have_different_leaves(one: list[object], other: list[object]) -> None:
    assert (leaf("photos", one) == leaf("photos", other)) == (one == other)


def test_a_leaf_is_no_node() -> None:
    left, right = leaf("photos", (1,)), leaf("photos", (2,))
    assert merkle_root([left, right]) != hashlib.sha256(b"\x00" + left + right).digest()
    assert merkle_root([merkle_root([left, right])]) == merkle_root([left, right])
