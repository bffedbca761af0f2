"""What we owe a site: hours in which it is left alone, a name under which we can be reached, rules that we read.

Pure rules over text. What comes from people raises ArgumentError, what comes from a site never does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Final
from urllib.parse import urlsplit

from crawler.errors import ArgumentError
from crawler.records import Snapshot
from crawler.rules.decide import robots_verdict

_SPAN: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})", re.ASCII)
_DAY: Final = 24 * 60

_LONGEST_CONTACT: Final = 200
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,9}[a-z][a-z0-9-]{0,61}[a-z0-9]", re.IGNORECASE)
_MAILBOX: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_ADDRESS: Final = re.compile(r"[!#-'*-;=?-\[\]^-~]{1,200}")  # printable, without what would end the comment or quote
# Names that are reserved for examples and tests (RFC 2606, 6761): nobody reads what is sent there.
_NOBODY: Final = frozenset({"example", "invalid", "test", "localhost", "local", "internal"})
_EXAMPLES: Final = frozenset({"example.com", "example.net", "example.org"})

PRODUCT: Final = "Dateline"
"""Our product token (RFC 9309, 2.2.1): the groups of a robots.txt under this name are ours, and no others but ``*``."""

_RULES_READ: Final = 500 * 1024  # bytes of a robots.txt: what RFC 9309 asks of crawlers at the least
_AGENT_LINE: Final = re.compile(r"user[- ]?agent ?(?::| )", re.IGNORECASE)
_NAME: Final = re.compile(r"[* ]*([A-Za-z0-9_-]*)")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Stretches of the day, in minutes of the site's own wall clock, in which it is not asked for anything.

    >>> QuietHours.read("23:30-06:00").at(time(2, 15))
    '23:30-06:00'
    >>> QuietHours.read("23:30-06:00").at(time(6, 0)) is None
    True
    """

    spans: tuple[tuple[int, int], ...] = ()

    @classmethod
    def read(cls, text: str) -> QuietHours:
        """``01:00-06:00``, several separated by commas, also over midnight; empty for none. Raises ArgumentError."""
        return cls(tuple(_span(part.strip()) for part in text.split(",")) if text.strip() else ())

    def at(self, wall: time) -> str | None:
        """The stretch that holds this time of the site's clock; None when it may be asked."""
        minute = wall.hour * 60 + wall.minute
        for start, end in self.spans:
            if (start <= minute < end) if start < end else (minute >= start or minute < end):
                return f"{_clock(start)}-{_clock(end)}"
        return None


def _span(text: str) -> tuple[int, int]:
    if (match := _SPAN.fullmatch(text)) is not None:
        first, second, third, fourth = (int(part) for part in match.groups())
        start, end = first * 60 + second, third * 60 + fourth
        if max(second, fourth) < 60 and start < _DAY and end <= _DAY and start != end:  # noqa: PLR2004 - minutes
            return start, end
    raise ArgumentError(f"QUIET_HOURS={text}: takes hours of the site's clock such as 01:00-06:00,22:30-23:00")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def stop_file(environment: Mapping[str, str]) -> str:
    """While a file of this name lies in the working directory of the crawls nothing is asked. Empty: there is none.

    >>> stop_file({}), stop_file({"DATELINE_STOP_FILE": "halt"})
    ('dateline.stop', 'halt')
    """
    return environment.get("DATELINE_STOP_FILE", "dateline.stop")


def user_agent(version: str, contact: str) -> str:
    """What we call ourselves.

    >>> user_agent("1.0", "wire@archive.test")
    'Dateline/1.0 (news archive; contact: wire@archive.test)'
    """
    return f"{PRODUCT}/{version} (news archive; contact: {contact or 'not given'})"


def check_contact(contact: str) -> None:
    """Whether somebody can be reached there: a mail address or web page; empty is no claim. Raises ArgumentError."""
    if contact and not (len(contact) <= _LONGEST_CONTACT and (_is_mail(contact) or _is_page(contact))):
        raise ArgumentError(
            f"DATELINE_CONTACT={contact}: takes one mail address or web page at which you can be reached: it is sent "
            "to the site in the user agent"
        )


def check_user_agent(agent: str) -> None:
    """Whether a header can hold it. Raises ArgumentError."""
    if not agent.strip() or not agent.isascii() or not agent.isprintable():
        raise ArgumentError(f"USER_AGENT={agent}: takes one line of plain ASCII that says who asks")


def _is_mail(contact: str) -> bool:
    mailbox, _, host = contact.rpartition("@")
    return bool(_MAILBOX.fullmatch(mailbox)) and _is_public(host)


def _is_page(contact: str) -> bool:
    if not _ADDRESS.fullmatch(contact):
        return False
    try:
        parts = urlsplit(contact)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "@" not in parts.netloc and _is_public(parts.netloc.partition(":")[0])


def _is_public(host: str) -> bool:
    name = host.lower()
    reserved = name.rpartition(".")[2] in _NOBODY or any(name == one or name.endswith(f".{one}") for one in _EXAMPLES)
    return bool(_HOST.fullmatch(host)) and not reserved


def robots_problem(snapshot: Snapshot) -> str | None:
    """Why the answer to a request for robots.txt tells no rules, so that nothing may be asked; None when it does."""
    if robots_verdict(snapshot.status) == "unreachable":
        return f"HTTP {snapshot.status}"
    return None if snapshot.damage is None else f"the body is {snapshot.damage}"


def rules_for(body: bytes) -> bytes:
    r"""A robots.txt with our groups under the name `PRODUCT`, those for everybody under ``*``, all others under ``-``.

    A parser looks for the names of groups inside ours, and takes rules times names: a hostile file has thousands of
    both. Case and version of a name do not count. No more is read than must be.

    >>> rules_for(b"User-agent: Other\nUser-agent: dateline/2.0\nDisallow: /a")
    b'User-agent: -\nUser-agent: Dateline\nDisallow: /a'
    """
    text = body[:_RULES_READ].decode("utf-8-sig", errors="ignore")
    return "\n".join(_renamed(line) for line in text.splitlines()).encode()


def _renamed(line: str) -> str:
    said = " ".join(line.partition("#")[0].split())
    found = _AGENT_LINE.match(said)
    if found is None:
        return line
    name = said[found.end() :].strip()
    if not name:
        return line  # it ends the group before and begins none
    product = _NAME.match(name)
    token = product[1].lower() if product is not None else ""
    if not token and name.startswith("*"):
        return "User-agent: *"
    return f"User-agent: {PRODUCT if token == PRODUCT.lower() else '-'}"
