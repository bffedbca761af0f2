"""An archive of the saved pages, read as a crawl reads them, and of pages and words that mean harm. All is invented."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

from crawler.reading import read
from crawler.records import Photo, Reading, Snapshot, Wire
from storage.write.archive import Archive
from tests.sample_archive import Scribe, article, page
from tests.saved_pages import SavedPage, saved_pages

# Everything in it would show itself: in the console, the network log, a dialog, another title, another page.
HOSTILE_PAGE = """<!DOCTYPE html><html lang="en" onclick="alert(1)"><head><title>Calm</title>
<base href="http://elsewhere.example/"><meta http-equiv="refresh" content="0; url=http://elsewhere.example/refresh">
<meta http-equiv="Content-Security-Policy" content="script-src *"><link rel="stylesheet" href="/sheet.css">
<link rel="preload" as="script" href="/preload.js"><link rel="dns-prefetch" href="//dns.example">
<link rel="prerender" href="/prerender"><link rel="icon" href="/icon.png"><link rel="manifest" href="/manifest.json">
<style>@import "/import.css"; @font-face { font-family: f; src: url(/font.woff) }
body { background: url(/background.png); font-family: f } body::after { content: url(/after.png) }</style>
<script>console.log("script ran"); document.title = "owned"; alert("script"); fetch("/fetch")</script>
<script src="/script.js"></script><script type="module">import "/module.js"</script>
<script type="speculationrules">{"prefetch": [{"source": "list", "urls": ["/speculation"]}]}</script></head>
<body onload="console.log('onload ran'); parent.location = '/parent'" background="/body.png">
<h1 style="background: url(/style.png); color: red">A calm headline</h1>
<p>Words that stay.</p><img src="/picture.png" onerror="alert('onerror')" alt="A ferry" srcset="/set.png 2x">
<picture><source srcset="/source.webp"><img src="x" onerror=alert(1)></picture><input type="image" src="/input.png">
<svg onload="alert('svg')"><script>alert("svg script")</script><use href="/use.svg#a"/><image href="/image.png"/>
<a xlink:href="javascript:alert(2)"><text y="20">svg words</text></a><animate attributeName="href" to="javascript:a()"/>
<foreignObject><iframe src="/foreign"></iframe><p>foreign words</p></foreignObject></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=/mxss.png onerror=alert(1)&gt;"></math>
<noscript><p title="</noscript><img src=/noscript.png onerror=alert(1)>"></noscript>
<iframe src="/frame"></iframe><iframe srcdoc="<script>parent.alert('srcdoc')</script>"></iframe>
<object data="/object"></object><embed src="/embed"><video src="/video" poster="/poster.png" autoplay></video>
<audio src="/audio" autoplay></audio><portal src="/portal"></portal>
<form action="/form" id="f"><input name="q" autofocus onfocus="alert('focus')"><button>Send</button></form>
<script>document.forms[0].submit()</script><a href="javascript:alert('link')" ping="/ping" target="_top">a link</a>
<a href="/leave" target="_top" download>leave</a><a href="data:text/html,<script>alert(1)</script>">data</a>
<details open ontoggle="alert('toggle')"><summary>more</summary>opened</details>
<marquee onstart="alert('marquee')">moving</marquee><div style="position: fixed; inset: 0; z-index: 9">over it all</div>
<xmp><script>alert("xmp")</script></xmp><textarea></textarea><script>alert("textarea")</script>
<p>Words at the end.</p><plaintext><script>alert("plaintext")</script>"""

SCRIPT = "<script>alert('data')</script>"
HOSTILE_STORY = replace(
    article(
        "2001-2026",
        f'{SCRIPT}"><img src=/data.png onerror=alert(1)>\u202e{{{{ 7 * 7 }}}}',
        f'</p></article>{SCRIPT}<a href="javascript:alert(1)">x</a>',
        f"\x1b]0;owned\x07 {'w' * 400}",
        minutes=20,
    ),
    lead=f"lead {SCRIPT}",
    rubric_label=f"label {SCRIPT}",
    author=f"author {SCRIPT}",
    credit=f"credit {SCRIPT}",
    language='en" onmouseover="alert(1)',
    tags=(f"tag {SCRIPT}", 'quoted " onclick="alert(1)'),
    photos=(
        Photo("javascript:alert('photo')", f"caption {SCRIPT}", SCRIPT),
        Photo('https://img.example/x.jpg?" onmouseover="alert(1)', "second", None),
    ),
    sources={f"headline{SCRIPT}": f"rule {SCRIPT}"},
)
MORE_HEADERS = (("Content-Type", "text/html"), ("X-Words", f"{SCRIPT}"), ("Location", "javascript:alert(1)"))


class Keeper(Scribe):
    """A scribe that keeps whole answers."""

    def keep(self, key: str, body: bytes, headers: Mapping[str, str] | None = None, status: int = 200) -> int:
        """An answer that is kept and not read; returns its snapshot_id."""
        return self.archive.keep(self._answer(key, body, headers, status), self.crawl_id, self._article(key))

    def saved(self, one: SavedPage) -> int:
        """A saved page as the crawl would have fetched and read it; returns its snapshot_id."""
        asked = one.asked
        url, content_type = asked["url"], asked["content_type"]
        wire = Wire(len(one.body), hashlib.sha256(one.body).hexdigest(), None, (("Content-Type", content_type),))
        found = Snapshot(asked["edition"], "article", url, url, self.now, 200, wire, one.body, key=asked["key"])
        article_id = self.archive.remember(asked["edition"], asked["key"], url, self.now)
        snapshot_id = self.archive.keep(found, self.crawl_id, article_id)
        self.archive.save(read(Reading(found, snapshot_id)))
        return snapshot_id

    def _answer(self, key: str, body: bytes, headers: Mapping[str, str] | None, status: int) -> Snapshot:
        found = self.snapshot(key, body, status)
        pairs = tuple(headers.items()) if headers is not None else found.wire.headers
        return replace(found, wire=replace(found.wire, headers=pairs))

    def _article(self, key: str) -> int:
        return self.archive.remember(self.edition, key, f"https://eng.belta.by/economics/view/story-{key}/", self.now)


FERRY = replace(
    article(
        "3001-2026",
        "Ferry to Willowford sails again",
        "WILLOWFORD, 10 March (BelTA) – The ferry to Willowford sails again after the winter, the harbour office said.",
        "It leaves every hour from seven in the morning. A ticket costs two crowns.",
        "Bicycles travel free.",
        minutes=30,
    ),
    tags=("ferries", "Willowford"),
    photos=(Photo("https://img.belta.by/ferry.jpg", "The ferry in ice. Photo by I. Example", "Photo by I. Example"),),
)
FERRY_LATER = replace(
    FERRY,
    headline="Ferry to Willowford sails again, with new engine",
    paragraphs=(
        FERRY.paragraphs[0].replace("harbour office", "harbour master"),
        "It leaves every half hour from seven in the morning. A ticket costs three crowns.",
        "Bicycles travel free.",
        "The old engine goes to the museum.",
    ),
    tags=("ferries", "museums"),
)


def shelved(path: Path) -> dict[str, int]:
    """Make the archive; returns the snapshot_id of each saved article page and of what else is in it, by name."""
    with Archive.open(str(path), create=True) as archive:
        keeper = Keeper(archive)
        pages = [one for one in saved_pages("belta") if one.asked["kind"] == "article"]
        made = {one.name: keeper.saved(one) for one in pages}
        made["hostile"] = keeper.keep("1-2026", HOSTILE_PAGE.encode())
        made["headers"] = keeper.keep("2-2026", page("calm"), dict(MORE_HEADERS))
        made["json"] = keeper.keep("3-2026", b'{"html": "<script>alert(1)</script>"}')
        made["picture"] = keeper.keep("4-2026", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
        made["empty"] = keeper.keep("5-2026", b"", status=304)
        made["utf-7"] = keeper.keep("6-2026", b"<p>+ADw-script+AD4-alert(1)+ADw-/script+AD4-", {})
        made["utf-16"] = keeper.keep("7-2026", HOSTILE_PAGE.encode("utf-16"), {})
        keeper.story(HOSTILE_STORY)
        keeper.story(FERRY)
        keeper.now += timedelta(hours=2)
        keeper.story(FERRY_LATER)
        keeper.now += timedelta(hours=3)
        keeper.story(replace(FERRY_LATER, tags=("ferries",)))
        keeper.answer(FERRY.key, 404)
        keeper.finish()
    return made


@dataclass(frozen=True, slots=True)
class Shelf:
    """The reading room of that archive: its address, and the snapshots in it by name."""

    room: str
    path: Path
    snapshots: Mapping[str, int]

    def get(self, path: str) -> tuple[HTTPResponse, bytes]:
        """The answer to a request for a path, and its body."""
        connection = HTTPConnection(urlsplit(self.room).netloc, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def kept(self, name: str, rest: str = "") -> str:
        """The path of a kept page."""
        return f"/kept/{self.snapshots[name]}{rest}"
