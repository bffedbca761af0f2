"""What must not stand in a log: passwords, tokens and addresses that hold them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote, urlsplit

from scrapy.settings import BaseSettings

from crawler.urls import without_secrets

NAMES = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|CREDENTIAL|NOTIFY|WEBHOOK", re.IGNORECASE)
SHORTEST = 4  # characters: a shorter one would be found in ordinary words
PARAMETER = re.compile(
    r"(?i)([?&;](?:access_|api_?)?(?:token|key|password|passwd|secret|signature|sig)=)[^\s&;#'\"]{1,500}"
)
HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Values that are known to be secret, the longest first, and what looks like one."""

    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: BaseSettings) -> Self:
        """Of the settings and the environment: what their names say, and the passwords of their addresses."""
        named: Mapping[str, str] = {**os.environ, **{name: str(settings[name] or "") for name in settings}}
        return cls(tuple(sorted(set(_secret(named)), key=len, reverse=True)))

    def out_of(self, text: str) -> str:
        """The text without them."""
        for value in self.values:
            text = text.replace(value, HIDDEN)
        return PARAMETER.sub(rf"\1{HIDDEN}", without_secrets(text))


def _secret(named: Mapping[str, str]) -> Iterable[str]:
    for name, value in named.items():
        if NAMES.search(name):
            yield from (part for part in value.split() if len(part) >= SHORTEST)
        elif "://" in value and "@" in value:
            password = _password(value)
            yield from (form for form in {password, unquote(password)} if len(form) >= SHORTEST)


def _password(address: str) -> str:
    try:
        return urlsplit(address).password or ""
    except ValueError:
        return ""
