"""Errors that carry their subject, so that a message names the thing and the way out."""

from __future__ import annotations


class DatelineError(Exception):
    """Base of every error that a user may meet. `str()` is one line, fit for a terminal."""


class ArgumentError(DatelineError):
    """A wrong argument or setting. Raised before anything is fetched or written. Exit code 1."""


class SiteFileError(ArgumentError):
    """A site file that cannot be used: names file and key, what is wrong with it, and the way out."""


class PageError(DatelineError):
    """Something about one page. Base of the errors below; never raised itself."""

    def __init__(self, message: str, *, url: str, site: str, era: str | None = None) -> None:
        place = f"{site}/{era}" if era else site
        super().__init__(f"{place}: {message} ({url})")
        self.url, self.site, self.era = url, site, era


class UnrecognisedPage(PageError):
    """No era or layout knows this page. It is kept; a later parser can read it (`dateline reparse`)."""


class NotAnArticle(PageError):
    """A 200 that is no article: the home page, a listing or "Page not found" in an article's place (a soft 404)."""


class FieldError(PageError):
    """A required field could not be read although the era was recognised. `field` names it."""

    def __init__(self, field: str, message: str, *, url: str, site: str, era: str) -> None:
        super().__init__(f"{field}: {message}", url=url, site=site, era=era)
        self.field = field


class UndecodableBody(DatelineError):
    """A body that is no text in any encoding it could be in."""


class ArchiveError(DatelineError):
    """The archive file cannot be used: foreign, newer, corrupt, read-only, full. Says which and what to do."""


class ArchiveLocked(ArchiveError):
    """Another program holds the archive and did not let go in time: it passes by itself. Exit code 3."""


class ArchiveBusy(DatelineError):
    """Another crawl of this archive and edition is running. Exit code 5."""


class NotYet(DatelineError):
    """Nothing may be asked now, and somebody wants it so. Base of the two below; never raised itself."""


class Stopped(NotYet):
    """A stop file lies there: what would have been done waits until it is removed. Exit code 3."""


class Resting(NotYet):
    """These are quiet hours: all that was asked for is done. Exit code 0."""
