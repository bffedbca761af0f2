"""A PostgreSQL server of our own, on loopback and in a temporary folder, for as long as a test module runs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "anna"


def binaries() -> Path | None:
    """The folder of the server's commands, which Debian keeps off the PATH; None where there is no server."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@contextmanager
def running(commands: Path, folder: Path) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database on a server that runs in `folder` until the end of the block."""
    data, port = folder / "data", _free_port()
    _run(commands / "initdb", "-D", data, "-A", "trust", "-U", USER, "--no-sync", as_owner_of=folder)
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = (commands / "pg_ctl", "-D", data, "-l", folder / "log", "-w")
    _run(*control, "-o", options, "start", as_owner_of=folder)
    try:
        yield f"postgresql+psycopg://{USER}@127.0.0.1:{port}/postgres"
    finally:
        _run(*control, "-m", "immediate", "stop", as_owner_of=folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(*command: str | Path, as_owner_of: Path) -> None:
    """PostgreSQL refuses to run as root: the user of its package, whom a root-owned folder is given to, runs it."""
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        shutil.chown(as_owner_of, "postgres")
        words = ["runuser", "-u", "postgres", "--", *words]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
