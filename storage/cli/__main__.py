"""`python -m storage.cli`: the command `dateline` where it is not installed."""

from __future__ import annotations

from storage.cli import main

if __name__ == "__main__":
    main()
