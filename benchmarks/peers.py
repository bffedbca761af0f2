"""The process in which the peers read: told a name and an address a line, it answers with seconds.

The page stands in the file that is named on the command line. Runs in .venv-bench, where nothing of ours is installed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path


def trafilatura(html: str, url: str) -> str | None:
    time_too = {"original_date": True, "outputformat": "%Y-%m-%dT%H:%M:%S%z"}
    found = import_module("trafilatura").bare_extraction(
        html, url=url, with_metadata=True, include_images=True, date_extraction_params=time_too
    )
    return found.text if found else None


def newspaper4k(html: str, url: str) -> str | None:
    article = import_module("newspaper").Article(url, fetch_images=False)
    article.download(input_html=html)
    article.parse()
    text: str = article.text
    return text


def news_please(html: str, url: str) -> str | None:
    found = import_module("newsplease").NewsPlease.from_html(html, url=url, fetch_images=False)
    text: str | None = found.maintext
    return text


READERS: dict[str, Callable[[str, str], str | None]] = {
    "trafilatura": trafilatura,
    "newspaper4k": newspaper4k,
    "news-please": news_please,
}


def main() -> None:
    """Answers until there are no more questions: an empty line where no text was found."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what a peer prints is no answer
    for line in sys.stdin:
        name, url = line.split()
        html = Path(sys.argv[1]).read_text(encoding="utf-8")
        begun = time.process_time()
        text = READERS[name](html, url)
        taken = time.process_time() - begun
        print(taken if text else "", file=answers, flush=True)


if __name__ == "__main__":
    main()
