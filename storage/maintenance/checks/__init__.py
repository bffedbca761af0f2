"""What `dateline verify` looks at, one module a subject. A check reads, notes what it finds, and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from storage.terminal.progress import Tell, quiet

_TOLD = 200  # times at most that a check tells how far it is


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong. `subject` names it (``snapshots 17``), `message` says what is wrong with it.

    `derived`: it can be made anew from what else is there (`dateline verify --repair`).
    """

    subject: str
    message: str
    derived: bool = False


@dataclass(slots=True)
class Check:
    """One check under way, and what came of it.

    `name` is one word for people and programs. `says` is one line on what was looked at, whatever was found.
    """

    name: str
    tell: Tell = field(default=quiet, repr=False)
    says: str = ""
    findings: list[Defect] = field(default_factory=list)
    _done: int = 0
    _total: int = 0
    _told: int = 0

    def find(self, subject: str, message: str, *, derived: bool = False) -> None:
        """Notes something wrong. Where both quote what is no text, each byte of that is written out."""
        self.findings.append(Defect(_shown(subject), _shown(message), derived))

    def expect(self, total: int) -> None:
        """How many steps there will be."""
        self._total = total

    def step(self, count: int = 1) -> None:
        """Some more steps are done. Told now and then: a row is looked at faster than a bar is drawn."""
        self._done += count
        if self._done >= min(self._told + self._total // _TOLD, self._total):
            self._told = self._done
            self.tell(self.name, self._done, self._total)


def _shown(text: str) -> str:
    """Text with what `verify` read as surrogates spelled out, so that it can be printed anywhere."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
