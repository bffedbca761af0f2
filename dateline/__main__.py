"""`python -m dateline`: the command `dateline`."""

from __future__ import annotations

from storage.cli import main

if __name__ == "__main__":
    main()
