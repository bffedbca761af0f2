"""What must not stand in a log: passwords, tokens and addresses that hold them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from scrapy.settings import BaseSettings

from crawler.secrets import HIDDEN, secrets_in, without_secrets

NAMES = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|CREDENTIAL|NOTIFY|WEBHOOK", re.IGNORECASE)
SHORTEST = 4  # characters: a shorter one would be found in ordinary words


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
        return without_secrets(text)


def _secret(named: Mapping[str, str]) -> Iterable[str]:
    for name, value in named.items():
        if NAMES.search(name):
            yield from (part for part in value.split() if len(part) >= SHORTEST)
        else:
            yield from (form for form in secrets_in(value) if len(form) >= SHORTEST)
