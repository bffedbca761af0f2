"""The reading room of `tests.kept_archive` as a pytest plugin: one for every test module that asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kept_archive import Shelf, shelved
from tests.reading_room import serving


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    path = tmp_path_factory.mktemp("shelf") / "wire.db"
    made = shelved(path)
    with serving(path) as room:
        yield Shelf(room, path, made)
