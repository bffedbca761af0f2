"""Bodies by digest: given back byte for byte, in small groups, and what damage costs."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from storage.write.archive import Archive
from storage.write.evidence.bodies import GROUP, MAX_HEAD, Bodies, DamagedBody
from tests.invented import EDITION, Desk, desk, page

FAMILY = (EDITION, "article")


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def furniture(seed: int, size: int = 20_000) -> bytes:
    """What all pages of one dress share: incompressible in itself."""
    return random.Random(seed).randbytes(size)


def pages(count: int, seed: int = 0) -> list[bytes]:
    """Pages of one dress, each with a story of its own."""
    dress, dice = furniture(seed), random.Random(seed + 1)
    return [dress[:10_000] + dice.randbytes(300) + dress[10_000:] + b"%d" % number for number in range(count)]


@pytest.fixture
def crawl(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "archive.db") as crawling:
        yield crawling


def keep_all(crawl: Desk, bodies: list[bytes]) -> None:
    for number, body in enumerate(bodies):
        crawl.keep(page(f"{number}-2026", body))


def groups(crawl: Desk) -> dict[str, int]:
    """Head -> bodies of its group."""
    return dict(crawl.rows("SELECT coalesce(head_sha256, sha256), count(*) FROM bodies GROUP BY 1"))


def overwrite(crawl: Desk, sha256: str, data: bytes) -> None:
    with crawl.archive.writing() as connection:
        connection.exec_driver_sql("UPDATE bodies SET data = ? WHERE sha256 = ?", (data, sha256))


def stored(crawl: Desk, sha256: str) -> bytes:
    ((data,),) = crawl.rows("SELECT data FROM bodies WHERE sha256 = ?", sha256)
    return bytes(data)


def lost(crawl: Desk, bodies: list[bytes]) -> list[bytes]:
    """The bodies that a new process cannot read back."""
    gone = []
    with Archive.open(str(crawl.archive.place), readonly=True) as archive:
        for body in bodies:
            try:
                assert archive.body(digest(body)) == body
            except DamagedBody:
                gone.append(body)
    return gone


def test_bodies_come_back_byte_for_byte(crawl: Desk) -> None:
    bodies = [*pages(80), *pages(5, seed=9), b"x", furniture(3, 500), bytes(100_000)]
    keep_all(crawl, bodies)
    assert lost(crawl, bodies) == []


@settings(max_examples=30)
@given(st.lists(st.binary(max_size=3000), max_size=12), st.binary(min_size=1, max_size=2000))
def test_any_bodies_come_back(tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes], shared: bytes) -> None:
    bodies = [body + shared for body in bodies]
    with desk(tmp_path_factory.mktemp("any") / "archive.db") as crawl:
        keep_all(crawl, bodies)
        assert lost(crawl, bodies) == []


def test_the_same_body_is_stored_once_however_often_it_is_fetched(crawl: Desk) -> None:
    keep_all(crawl, pages(1) * 5)
    assert crawl.rows("SELECT count(*), (SELECT count(*) FROM snapshots) FROM bodies") == [(1, 5)]


def test_pages_of_one_dress_share_it(crawl: Desk) -> None:
    keep_all(crawl, pages(50))
    assert crawl.value("SELECT count(*) FROM bodies WHERE head_sha256 IS NULL") == 1
    assert crawl.value("SELECT max(length(data)) FROM bodies WHERE head_sha256 IS NOT NULL") < 600  # type: ignore[operator]


def test_a_group_is_bounded_and_one_deep(crawl: Desk) -> None:
    keep_all(crawl, pages(150))
    assert list(groups(crawl).values()) == [GROUP, GROUP, 150 - 2 * GROUP]
    assert (
        crawl.value(
            "SELECT count(*) FROM bodies m JOIN bodies h ON h.sha256 = m.head_sha256 WHERE h.head_sha256 IS NOT NULL"
        )
        == 0
    )


def test_the_next_process_goes_on_with_the_group(tmp_path: Path) -> None:
    bodies = pages(30)
    for start in range(0, 30, 10):
        with desk(tmp_path / "archive.db") as crawl:
            keep_all(crawl, bodies[start : start + 10])
    with desk(tmp_path / "archive.db") as crawl:
        assert list(groups(crawl).values()) == [30]


def test_a_new_dress_begins_a_new_group_and_the_old_one_is_not_forgotten(crawl: Desk) -> None:
    old, new = pages(20), pages(20, seed=7)
    keep_all(crawl, [body for pair in zip(old, new, strict=True) for body in pair])
    assert sorted(groups(crawl).values()) == [20, 20]


def test_an_odd_page_does_not_end_a_group(crawl: Desk) -> None:
    bodies = pages(20)
    keep_all(crawl, [*bodies[:10], furniture(1, 5000), b"Not found", *bodies[10:]])
    assert max(groups(crawl).values()) == 20


def test_furniture_that_moves_on_ends_a_group_before_it_is_full(crawl: Desk) -> None:
    dice = random.Random(4)
    fixed, news = dice.randbytes(20_000), [dice.randbytes(400) for _ in range(100)]
    bodies = [fixed + b"".join(news[start : start + 40]) for start in range(60)]
    keep_all(crawl, bodies)
    assert max(groups(crawl).values()) < 60
    frames = int(str(crawl.value("SELECT sum(length(data)) FROM bodies")))
    one_group = zstandard.ZstdCompressor(
        level=3, dict_data=zstandard.ZstdCompressionDict(bodies[0], dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    )
    assert frames < len(bodies[0]) + sum(len(one_group.compress(body)) for body in bodies[1:])


def test_listings_and_articles_do_not_share_groups(crawl: Desk) -> None:
    first, second = pages(2)
    crawl.keep(page("1-2026", first))
    crawl.keep(page(None, second, kind="listing"))
    assert list(groups(crawl).values()) == [1, 1]


def test_a_huge_body_stands_alone_and_leads_nobody(crawl: Desk) -> None:
    huge = bytes(MAX_HEAD + 1)
    bodies = [huge, bytes(MAX_HEAD + 2), *pages(2)]
    keep_all(crawl, bodies)
    assert crawl.value("SELECT count(*) FROM bodies WHERE head_sha256 = ?", digest(huge)) == 0
    assert lost(crawl, bodies) == []


def test_a_flipped_byte_in_a_member_costs_that_member(crawl: Desk) -> None:
    bodies = pages(20)
    keep_all(crawl, bodies)
    frame = bytearray(stored(crawl, digest(bodies[5])))
    frame[len(frame) // 2] ^= 1
    overwrite(crawl, digest(bodies[5]), bytes(frame))
    assert lost(crawl, bodies) == [bodies[5]]


def test_a_flipped_byte_in_a_head_costs_its_group_and_no_other(crawl: Desk) -> None:
    bodies = pages(GROUP + 10)
    keep_all(crawl, bodies)
    frame = bytearray(stored(crawl, digest(bodies[0])))
    frame[len(frame) // 2] ^= 1
    overwrite(crawl, digest(bodies[0]), bytes(frame))
    assert lost(crawl, bodies) == bodies[:GROUP]


def test_no_flipped_bit_gives_back_other_bytes(crawl: Desk) -> None:
    bodies, dice = pages(3), random.Random(0)
    keep_all(crawl, bodies)
    noticed = 0
    for _ in range(200):
        victim = dice.choice(bodies)
        whole = stored(crawl, digest(victim))
        frame = bytearray(whole)
        frame[dice.randrange(len(frame))] ^= 1 << dice.randrange(8)
        overwrite(crawl, digest(victim), bytes(frame))
        noticed += victim in lost(crawl, bodies)
        overwrite(crawl, digest(victim), whole)
    assert noticed > 190  # zstd does not use every bit of its header


def test_a_frame_that_grows_beyond_the_stored_size_is_not_unpacked(crawl: Desk) -> None:
    keep_all(crawl, pages(1))
    bomb = zstandard.ZstdCompressor().compress(bytes(2**30 // 8))
    overwrite(crawl, digest(pages(1)[0]), bomb)
    with pytest.raises(DamagedBody, match="does not hold 20301 bytes"):
        crawl.archive.body(digest(pages(1)[0]))


def test_whole_bytes_under_another_digest_are_refused(crawl: Desk) -> None:
    one, other = (zstandard.ZstdCompressor().compress(body) for body in (b"a" * 50, b"b" * 50))
    crawl.keep(page("1-2026", b"a" * 50))
    assert one != other
    overwrite(crawl, digest(b"a" * 50), other)
    with pytest.raises(DamagedBody, match=digest(b"a" * 50)):
        crawl.archive.body(digest(b"a" * 50))


def test_a_member_whose_head_is_missing_says_so(crawl: Desk) -> None:
    bodies = pages(2)
    keep_all(crawl, bodies)
    with crawl.archive.writing() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        connection.exec_driver_sql("UPDATE snapshots SET body_sha256 = NULL")
        connection.exec_driver_sql("UPDATE bodies SET head_sha256 = sha256 WHERE head_sha256 IS NOT NULL")
        connection.exec_driver_sql("DELETE FROM bodies WHERE sha256 = ?", (digest(bodies[0]),))
    with pytest.raises(DamagedBody, match="head"):
        crawl.archive.body(digest(bodies[1]))


def test_an_unknown_digest_is_a_key_error(crawl: Desk) -> None:
    with pytest.raises(KeyError):
        crawl.archive.body("0" * 64)


class PowerFailure(Exception):
    """Ends a transaction half-way."""


def keep_and_fail(crawl: Desk, body: bytes) -> None:
    with crawl.archive.writing() as connection:
        crawl.archive.keep_in(connection, page("1-2026", body), crawl.crawl_id, None)
        raise PowerFailure


def test_a_head_that_was_rolled_back_is_not_used(crawl: Desk) -> None:
    first, second = pages(2)
    with pytest.raises(PowerFailure):
        keep_and_fail(crawl, first)
    keep_all(crawl, [second])
    assert groups(crawl) == {digest(second): 1}


def test_a_damaged_head_leads_no_new_bodies_and_stops_no_crawl(tmp_path: Path) -> None:
    bodies = pages(4)
    with desk(tmp_path / "archive.db") as crawl:
        keep_all(crawl, bodies[:2])
        overwrite(crawl, digest(bodies[0]), b"rot")
    with desk(tmp_path / "archive.db") as crawl:
        keep_all(crawl, bodies[2:])
        assert groups(crawl) == {digest(bodies[0]): 2, digest(bodies[2]): 2}
        assert lost(crawl, bodies) == bodies[:2]


def compact(connection: Connection, old: bytes, new: bytes) -> None:
    """Makes `new` the head and `old` its member, as another process might."""
    alone = zstandard.ZstdCompressor().compress(new)
    dictionary = zstandard.ZstdCompressionDict(new, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    member = zstandard.ZstdCompressor(dict_data=dictionary).compress(old)
    change = "UPDATE bodies SET head_sha256 = ?, data = ? WHERE sha256 = ?"
    connection.exec_driver_sql(change, (None, alone, digest(new)))
    connection.exec_driver_sql(change, (digest(new), member, digest(old)))


def test_a_head_that_another_process_made_a_member_is_not_used(crawl: Desk) -> None:
    bodies = pages(3)
    keep_all(crawl, bodies[:2])
    with desk(Path(str(crawl.archive.place))) as other, other.archive.writing() as connection:
        compact(connection, old=bodies[0], new=bodies[1])
    keep_all(crawl, bodies)
    assert groups(crawl) == {digest(bodies[1]): 3}
    assert lost(crawl, bodies) == []


def test_heads_are_found_at_the_end_of_the_visits_and_not_among_those_of_all_years(crawl: Desk) -> None:
    keep_all(crawl, pages(3))
    asked: list[str] = []
    with crawl.archive.connection() as connection:
        connection.connection.driver_connection.set_trace_callback(asked.append)  # type: ignore[union-attr]
        assert [head.members for head in Bodies()._heads(connection, FAMILY)] == [2]
        connection.connection.driver_connection.set_trace_callback(None)  # type: ignore[union-attr]
    (search,) = [sql for sql in asked if "JOIN snapshots" in sql]
    plan = "; ".join(str(row[-1]) for row in crawl.rows(f"EXPLAIN QUERY PLAN {search}"))
    assert "SEARCH snapshots USING INTEGER PRIMARY KEY" in plan
    assert "TEMP B-TREE" not in plan
