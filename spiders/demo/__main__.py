"""The miniature agency as a process: ``python -m spiders.demo --port 8100``. Ends at Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Sequence
from datetime import UTC, datetime

from spiders.demo.dress import ERAS, LAYOUTS, Dress
from spiders.demo.newspaper import Newspaper
from spiders.demo.server import Now, Service, wall_clock
from spiders.demo.steady import steady


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until told to stop. The address is the first line printed."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.prerender and options.now is None:
        parser.error("--prerender needs --now: printed pages do not change")
    paper = Newspaper(
        steady(options.seed, options.size),
        dress=Dress(options.layout, (options.era,)) if options.era else Dress(options.layout),
        page_size=options.page_size,
        crawl_delay=options.crawl_delay,
        furniture=options.furniture,
        calm=options.calm or options.prerender,
    )
    service = Service(paper, wall_clock if options.now is None else _stopped(options.now))
    if options.prerender:
        service.prerender()
    asyncio.run(_run(service, options.host, options.port))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m spiders.demo", description="A miniature news agency with invented news."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another agency")
    parser.add_argument("--size", type=int, default=300, help="stories in the listing (default: %(default)s)")
    parser.add_argument("--page-size", type=int, default=20, help="stories on a page of it (default: %(default)s)")
    parser.add_argument("--now", type=_time, help="stop the agency's clock at this time, e.g. 2026-11-23T12:00:00Z")
    parser.add_argument("--furniture", type=int, default=0, help="bytes of menus and scripts on every page")
    parser.add_argument("--layout", choices=LAYOUTS, default="lenta_item", help="of the listing (default: %(default)s)")
    parser.add_argument("--era", choices=ERAS, help="of all articles (default: some of paragraphs, some nested)")
    parser.add_argument("--crawl-delay", type=float, help="seconds that robots.txt asks for")
    parser.add_argument("--prerender", action="store_true", help="print all pages before the first is asked for")
    parser.add_argument("--calm", action="store_true", help="the same story is the same bytes every time")
    return parser


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _stopped(now: datetime) -> Now:
    return lambda: now


async def _run(service: Service, host: str, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await service.listen(host, port)
    print(f"The demo agency is at {service.base_url}/all_news/", flush=True)  # noqa: T201 - its one line for people
    await stop.wait()
    await service.close(server)


if __name__ == "__main__":
    main()
