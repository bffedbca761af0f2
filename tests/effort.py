"""How far a test that searches goes: a short sample in `make test`, its whole length in `make test-long`.

Such a test carries ``pytest.mark.search``. It is the same test at both lengths: only the number of histories, examples
or sizes differs, and the same assertions hold of each.
"""

from __future__ import annotations

import os
from typing import Final

LONG: Final = os.environ.get("DATELINE_TESTS") == "long"


def effort(whole: int, *, sample: int) -> int:
    """`whole` in `make test-long`, else `sample`."""
    return whole if LONG else sample
