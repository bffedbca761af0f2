"""All sites that are installed: those written in Python, and those of site files.

Of two files with one name neither wins. A wrong file is no error until somebody asks for what it may hold.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, NamedTuple

from crawler.errors import ArgumentError, SiteFileError
from crawler.records import Edition
from crawler.sites.base import Site
from crawler.sites.declared.keys import shown
from crawler.sites.declared.site import DeclaredSite
from crawler.sites.declared.sitefile import parsed, read_site_file
from crawler.sites.discovery import Search, SiteFile

_SITE_LINE: Final = re.compile(r"^\s{0,20}site\s{0,20}=\s{0,20}[\"']([^\"'\n]{1,60})[\"']", re.MULTILINE)
_EDITION_LINE: Final = re.compile(
    r"^\s{0,20}\[\s{0,20}editions\s{0,20}\.\s{0,20}[\"']?([^\]\"'\s]{1,60})", re.MULTILINE
)
_MOST_KNOWN: Final = 12  # names that a message lists


class Fault(NamedTuple):
    """Why a file is not used. `names` are the names of site and editions that it seems to hold; None where it cannot
    even be told.
    """

    site_file: SiteFile | None
    message: str
    names: frozenset[str] | None = frozenset()


class Installed(NamedTuple):
    """A site and the file that declares it; None for one in Python."""

    site: Site
    site_file: SiteFile | None


@dataclass(frozen=True)
class Registry:
    """What is installed. `faults` are the files that are not used, each with its one line."""

    installed: tuple[Installed, ...]
    faults: tuple[Fault, ...] = ()
    _site_of: dict[str, Site] = field(init=False, repr=False)
    _editions: dict[str, Edition] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        sites = self.sites
        object.__setattr__(self, "_site_of", {one.name: site for site in sites for one in site.editions})
        object.__setattr__(self, "_editions", {one.name: one for site in sites for one in site.editions})

    @property
    def sites(self) -> tuple[Site, ...]:
        return tuple(one.site for one in self.installed)

    @property
    def editions(self) -> tuple[Edition, ...]:
        return tuple(self._editions.values())

    def find(self, name: str) -> Edition | None:
        """The edition of that name; None where no site has it."""
        return self._editions.get(name)

    def edition(self, name: str) -> Edition:
        """The same. Raises ArgumentError: an unknown name, or one that a wrong file may hold."""
        found = self._editions.get(name)
        if found is None:
            raise self._unknown(name, self._editions)
        return found

    def site_of(self, edition_name: str) -> Site:
        """The agency of an edition. Raises ArgumentError."""
        return self._site_of[self.edition(edition_name).name]

    def named(self, argument: str) -> tuple[Edition, ...]:
        """The editions that a comma-separated argument names, a site's name standing for all of its.

        Raises ArgumentError, also for a name that a wrong file holds as well: nobody knows which of them is meant.
        """
        by_name = {site.name: site.editions for site in self.sites} | {
            name: (found,) for name, found in self._editions.items()
        }
        names = [name.strip() for name in argument.split(",") if name.strip()]
        if not names:
            raise ArgumentError(f"no edition is named; known are {_listed(by_name)}")
        for name in names:
            if name not in by_name:
                raise self._unknown(name, by_name)
            self._refuse_doubtful(name, by_name[name])
        return tuple(dict.fromkeys(found for name in names for found in by_name[name]))

    def _refuse_doubtful(self, name: str, editions: Iterable[Edition]) -> None:
        wanted = {name} | {edition.name for edition in editions}
        for fault in self.faults:
            if fault.names and not wanted.isdisjoint(fault.names):
                raise SiteFileError(fault.message)

    def _unknown(self, name: str, known: Iterable[str]) -> ArgumentError:
        """Why there is no such edition: the wrong file that may hold it, or a slip."""
        known = list(known)
        holding = [fault for fault in self.faults if fault.names is not None and name in fault.names]
        if holding:
            return SiteFileError(holding[0].message)
        near = get_close_matches(name.lower(), known, n=1)
        question = f" Did you mean {near[0]}?" if near else ""
        unread = next((f"; {fault.message}" for fault in self.faults if fault.names is None), "")
        return ArgumentError(f"unknown edition {shown(name)!r}.{question} Known are {_listed(known)}{unread}")


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - _MOST_KNOWN} more (`dateline sites` lists them)" if len(names) > _MOST_KNOWN else ""
    return ", ".join(names[:_MOST_KNOWN]) + more


def assemble(built_in: Sequence[Site], search: Search) -> Registry:
    """The registry of these sites and of all files that were found."""
    faults = [Fault(None, problem) for problem in search.problems]
    declared: list[Installed] = []
    for site_file in search.files:
        try:
            body = site_file.read()
        except SiteFileError as error:
            faults.append(Fault(site_file, str(error), frozenset({site_file.path.stem})))
            continue
        try:
            declared.append(Installed(DeclaredSite(read_site_file(body, site_file.label)), site_file))
        except SiteFileError as error:
            faults.append(Fault(site_file, str(error), names_in(body, site_file)))
    kept, doubled = _without_doubles(built_in, declared)
    own = tuple(Installed(site, None) for site in built_in)
    return Registry(own + tuple(sorted(kept, key=lambda one: one.site.name)), (*faults, *doubled))


def names_in(body: bytes, site_file: SiteFile) -> frozenset[str] | None:
    """The names that a wrong file seems to hold: its site, its editions, and that of the file itself. None for one in
    which none can be found.
    """
    try:
        tables = parsed(body, site_file.label)
    except SiteFileError:
        text = body.decode("utf-8", "replace")
        found = [*_SITE_LINE.findall(text), *_EDITION_LINE.findall(text)]
        return frozenset({*found, site_file.path.stem}) if found else None
    editions = tables.get("editions")
    names = [tables.get("site"), *(editions if isinstance(editions, dict) else ())]
    return frozenset({site_file.path.stem, *(name for name in names if isinstance(name, str))})


def _without_doubles(built_in: Sequence[Site], declared: Sequence[Installed]) -> tuple[list[Installed], list[Fault]]:
    """The sites whose names are nobody else's, and a fault for each file that has such a name."""
    taken = {name: site.name for site in built_in for name in (site.name, *_names(site))}
    owners: dict[str, list[Installed]] = defaultdict(list)
    for one in declared:
        for name in {one.site.name, *_names(one.site)}:
            owners[name].append(one)
    faults: dict[int, Fault] = {}
    for name, several in owners.items():
        for one in several:
            if name in taken:
                problem = f"{name!r} is the name of a site that Dateline has itself; choose another"
            elif len(several) > 1:
                problem = f"{name!r} is also in {_others(one, several)}: neither is used until one has another name"
            else:
                continue
            names = frozenset() if name in taken else frozenset({one.site.name, *_names(one.site)})
            faults.setdefault(id(one), Fault(one.site_file, f"{_label(one)}: {problem}", names))
    return [one for one in declared if id(one) not in faults], list(faults.values())


def _names(site: Site) -> list[str]:
    return [edition.name for edition in site.editions]


def _label(one: Installed) -> str:
    return "" if one.site_file is None else one.site_file.label


def _others(one: Installed, several: Sequence[Installed]) -> str:
    return ", ".join(_label(other) for other in several if other is not one)
