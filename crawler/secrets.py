"""What must not be shown or kept: user names and passwords in addresses, in their queries, and in words such as
``password=...``. People type them, and what people type is repeated in messages, logs and the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote_plus

HIDDEN: Final = "***"

_USERINFO: Final = re.compile(r"//[^/?#\s]{0,2000}@")
_DATABASE: Final = re.compile(r"([a-z][a-z0-9+.-]{0,40}://)([^:/@?\s]{0,400}):([^@\s]{1,2000})@", re.IGNORECASE)
_NAME: Final = re.compile(r"(?<![\w.%+-])([\w.%+-]{1,80})\s{0,9}=\s{0,9}")
_QUOTED: Final = re.compile(r"'((?:[^'\\]|\\.)+)'", re.DOTALL)
_WORD: Final = re.compile(r"[^\s&]+")
_CLOSING: Final = "'\")]}>,"  # what stands after a word in a sentence: no part of its last value

# libpq's (password, sslpassword, oauth_client_secret, scram_client_key) and those of other addresses.
_SECRET: Final = re.compile(
    r".{0,60}(?:password|passwd|passphrase|secret|token)|pass|pwd|scram_(?:client|server)_key", re.IGNORECASE
)
_SECRET_IN_QUERY: Final = re.compile(r"(?:access_?|api_?)?key|sig|signature", re.IGNORECASE)


def is_secret(name: str, *, in_query: bool = False) -> bool:
    """Whether a parameter of this name, percent-encoded or not, holds a secret.

    >>> is_secret("sslPassword"), is_secret("p%61ssword"), is_secret("passfile")
    (True, True, False)
    """
    plain = unquote_plus(name)
    return bool(_SECRET.fullmatch(plain) or (in_query and _SECRET_IN_QUERY.fullmatch(plain)))


def without_secrets(text: str) -> str:
    """Text without user names and passwords of addresses and without the values of secret parameters.

    >>> without_secrets("-a base_url=https://anna:secret@mirror.example/?password=x&room=5")
    '-a base_url=https://***@mirror.example/?password=***&room=5'
    >>> without_secrets("host=db.example password='two words' dbname=wire")
    'host=db.example password=*** dbname=wire'
    """
    parts, at = [], 0
    for start, end in _values(text):
        parts += [text[at:start], HIDDEN]
        at = end
    return _USERINFO.sub(f"//{HIDDEN}@", "".join([*parts, text[at:]]))


def database_shown(address: str) -> str:
    """The same of a database's address, whose password ends at the first @ and may hold any other sign.

    >>> database_shown("postgresql://me:a/b?c@db.example/wire")
    'postgresql://***@db.example/wire'
    """
    return without_secrets(_DATABASE.sub(rf"\1{HIDDEN}@", address))


def secrets_in(address: str) -> Iterator[str]:
    """The secrets of one address or connection string, as they stand there and decoded.

    >>> list(secrets_in("postgresql://me:p%40ss@db.example/wire?sslpassword=lamp"))
    ['lamp', 'lamp', 'p%40ss', 'p@ss']
    """
    found = [address[start:end].strip("'") for start, end in _values(address)]
    match = _DATABASE.match(address)
    found += [] if match is None else [match[3]]
    for value in found:
        yield from (value, unquote_plus(value))


def _values(text: str) -> Iterator[tuple[int, int]]:
    """Where the values of secret parameters stand."""
    at = 0
    for name in _NAME.finditer(text):
        before = text[name.start() - 1 : name.start()]
        if name.start() < at or not is_secret(name[1], in_query=before in {"?", "&", ";"}):
            continue
        value = _QUOTED.match(text, name.end()) or _WORD.match(text, name.end())
        if value is not None:
            at = name.end() + len(value[0].rstrip(_CLOSING) or value[0]) if value.re is _WORD else value.end()
            yield name.end(), at
