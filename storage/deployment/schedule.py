"""What makes a crawl come again and again: a crontab, systemd units, a container, filled in for one machine.

The forms lie in storage/deployment; deploy/ holds them filled in for an example. Each has its own way with odd names:
to cron a percent sign is a line break, to systemd it begins a specifier.
"""

from __future__ import annotations

import re
import shlex
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from crawler.errors import ArgumentError
from crawler.settings import DEFAULT_EDITION

KINDS: Mapping[str, tuple[str, ...]] = {
    "cron": ("crontab",),
    "systemd": ("dateline.service", "dateline.timer"),
    "container": ("Containerfile",),
    "logrotate": ("logrotate",),
}
PLACE = re.compile(r"@([A-Z_]+)@")
CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
LONGEST = 998  # characters of a line that cron reads
HOMES = ("/home", "/root", "/run/user")
TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108 - named to be avoided


@dataclass(frozen=True, slots=True)
class Machine:
    """What the forms are filled in with. `folder` and `python` are absolute; `every` are minutes, `name` makes this
    archive's minute and second, `env` says whether the folder has a dateline.env, `flock` where that command is.
    """

    folder: Path
    python: Path
    user: str
    group: str
    edition: str
    every: int = 5
    name: str = ""
    env: bool = False
    flock: str | None = None

    @property
    def moment(self) -> tuple[int, int]:
        """The minute (below `every`) and second at which it begins: the same each time, other ones elsewhere."""
        dice = zlib.crc32(f"{self.name}:{self.folder}:{self.edition}".encode("utf-8", "surrogateescape"))
        return dice % self.every, dice // self.every % 60


EXAMPLE = Machine(
    folder=Path("/srv/dateline"),
    python=Path("/srv/dateline/.venv/bin/python"),
    user="dateline",
    group="dateline",
    edition=DEFAULT_EDITION,
    name="example",
    flock="/usr/bin/flock",
)
"""What deploy/ is filled in with."""


def scheduled(kind: str, machine: Machine) -> dict[str, str]:
    """The files of a kind by name. Raises ArgumentError for a name that a form cannot take."""
    for said in (str(machine.folder), str(machine.python), machine.user, machine.group, machine.edition):
        if CONTROLS.search(said):
            raise ArgumentError(f"{said!r}: no schedule can take a name with line breaks or control characters in it")
    forms = files("storage") / "deployment"
    return {name: _filled((forms / name).read_text("utf-8"), _values(kind, machine)) for name in KINDS[kind]}


def _filled(form: str, values: Mapping[str, str]) -> str:
    # In one go: what is filled in is never searched for places itself.
    return PLACE.sub(lambda place: values[place[1]], form)


def _values(kind: str, machine: Machine) -> dict[str, str]:
    minute, second = machine.moment
    values = {
        "EDITION": machine.edition,
        "EDITION_ARGUMENT": f"edition={machine.edition}",
        "EVERY": str(machine.every),
        "SPREAD": str(minute),
        "SECOND": f"{second:02}",
        "USER": machine.user,
        "GROUP": machine.group,
    }
    return values | {"cron": _cron, "systemd": _systemd, "logrotate": _logrotate}.get(kind, _nothing)(machine)


def _nothing(_: Machine) -> dict[str, str]:
    return {}


def _cron(machine: Machine) -> dict[str, str]:
    """The command. What another run holds up is left to that one, without a word."""
    lock = f"{machine.flock} --nonblock --conflict-exit-code 0 .cron.lock " if machine.flock else ""
    environment = "set -a; . ./dateline.env; set +a; " if machine.env else ""
    crawl = f"{shlex.quote(str(machine.python))} -m scrapy crawl news -a edition={machine.edition}"
    command = (
        f"cd {shlex.quote(str(machine.folder))} && sleep {machine.moment[1]} && {environment}"
        f"SCRAPY_SETTINGS_MODULE=crawler.settings {lock}{crawl}"
    ).replace("%", "\\%")
    if len(command) > LONGEST - 20:
        raise ArgumentError(f"the line for cron would be too long: make a short link to {machine.folder}")
    return {"COMMAND": command}


def _systemd(machine: Machine) -> dict[str, str]:
    folder = str(machine.folder)
    for said in (folder, str(machine.python)):
        if "\\" in said or ('"' in said and "'" in said):
            raise ArgumentError(f"{said}: systemd cannot take this name; make a link with a simpler one")
    return {
        "FOLDER_LINE": _specified(folder),
        "FOLDER_WORD": _word(folder),
        "PYTHON": _program(str(machine.python)),
        "PROTECT_HOME": "read-only" if _below(folder, HOMES) or _below(str(machine.python), HOMES) else "yes",
        "PRIVATE_TMP": "no" if _below(folder, TEMPORARY) or _below(str(machine.python), TEMPORARY) else "yes",
    }


def _specified(text: str) -> str:
    return text.replace("%", "%%")


def _word(text: str) -> str:
    quote = "'" if '"' in text else '"'
    return f"{quote}{_specified(text)}{quote}"


def _program(path: str) -> str:
    """The first words of a command. What begins it may hold no quotes, what follows no dollar sign by itself."""
    return f"/usr/bin/env {_word(path.replace('$', '$$'))}" if re.search("['\"$]", path) else _word(path)


def _below(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


def _logrotate(machine: Machine) -> dict[str, str]:
    folder = str(machine.folder)
    if re.search(r'["\\{}]', folder):
        raise ArgumentError(f"{folder}: logrotate cannot take this name; make a link with a simpler one")
    # A pattern to logrotate, and its quotes take no escapes: what it would expand stands in brackets.
    return {"LOG_WORD": '"' + re.sub(r"[*?\[]", lambda sign: f"[{sign[0]}]", f"{folder}/crawl.log") + '"'}


def write_examples(folder: Path) -> None:
    """Fill in deploy/."""
    for kind in KINDS:
        for name, text in scheduled(kind, EXAMPLE).items():
            (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_examples(Path(sys.argv[1]))  # python -m storage.deployment.schedule deploy
