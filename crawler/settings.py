"""Every Scrapy setting that departs from its default, and ours; each says why.

Override one for a run with `-s NAME=VALUE`.
"""

import os
from importlib.metadata import PackageNotFoundError, version

from crawler.rules.politeness import stop_file, user_agent

try:
    VERSION = version("dateline")
except PackageNotFoundError:  # run from a checkout without installation, as by `scrapy` in the folder itself
    VERSION = "0"

BOT_NAME = "dateline"
SPIDER_MODULES = ["spiders.news"]
COMMANDS_MODULE = "spiders.commands"  # `crawl` with exit codes; Scrapy's own exits 0 whatever happened

# --- where the archive is
DATABASE_URL = os.environ.get("DATELINE_DATABASE_URL", "archive.db")  # ours: a path or SQLAlchemy URL

# --- what is crawled
DEFAULT_EDITION = "belta-eng"  # ours: where no edition is named

# --- who we are
CONTACT = os.environ.get("DATELINE_CONTACT", "")  # ours: mail address or page of whoever runs this; do set it
USER_AGENT = user_agent(VERSION, CONTACT)  # default names Scrapy

# --- politeness
ROBOTSTXT_OBEY = True  # default False
CRAWL_DELAY_OBEY = True  # ours: robots.txt may ask for a longer delay; off for sites on this machine
CRAWL_DELAY_LIMIT = 300.0  # ours: seconds; a site that asks for more is left, with exit code 4
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # default 8: one connection a site
DOWNLOAD_DELAY_JITTER = 0  # default 0.5: a delay of 2 s would be 1 s at times, and a Crawl-delay not kept
DOWNLOAD_DELAY = 2.0  # default 0; pages of agencies were fetched at one in 2 to 5 s without trouble
AUTOTHROTTLE_ENABLED = True  # default False: a slow site is asked more slowly
AUTOTHROTTLE_START_DELAY = 2.0  # default 5: the delay above, so that an idle run is over in seconds
AUTOTHROTTLE_MAX_DELAY = 60.0  # the default, named because it bounds the length of a run
COOKIES_ENABLED = False  # default True: we are nobody's visitor
REFERRER_POLICY = "no-referrer"  # default tells the page before: nobody needs to know how we came
RETRY_TIMES = 2  # the default; later runs try again, see crawler/rules/decide.py
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]  # without 429 and 503, which mean "less" (spiders/network/refusal.py)
REFUSALS_BEFORE_LEAVING = 4  # ours: refusals in a row after which a run ends with exit code 4
REFUSAL_DELAY = 30.0  # ours: seconds to wait after a refusal without Retry-After, doubled each time
RETRY_AFTER_LIMIT = 300.0  # ours: a longer wait is left to the next run
BREAKS_BEFORE_LEAVING = 6  # ours: connections in a row that broke or brought no answer, after which a run ends so too
BREAK_DELAY = 5.0  # ours: seconds to wait after such a one, doubled each time; none for sites on this machine
REQUESTS_PER_DAY = 20_000  # ours: of all runs in a day of the site's calendar, each edition; 0: no limit
QUIET_HOURS = ""  # ours: such as 01:00-06:00 by the site's clock, in which nothing is asked
STUCK_TIMEOUT = 1800.0  # ours: seconds without a request, an answer or a page read, after which a run ends with exit
# code 3; far above DOWNLOAD_TIMEOUT, the delays and the limits above, and a Crawl-delay comes on top. 0: never
STOP_FILE = stop_file(os.environ)  # ours: while it exists, nothing is asked

# --- who is told of incidents, see docs/monitoring.md; `scrapy notify` tries it
NOTIFY = os.environ.get("DATELINE_NOTIFY", "")  # ours: addresses of apprise, white space between them; they are secrets
NOTIFY_COMMAND = os.environ.get("DATELINE_NOTIFY_COMMAND", "")  # ours: a program and its arguments, without a shell
NOTIFY_TIMEOUT = 30.0  # ours: seconds that the command may take

# --- limits: pages are hostile input
DOWNLOAD_TIMEOUT = 60  # default 180: for the whole answer, so that it cannot be dripped for ever
HEAD_MAXSIZE = 256 * 1024  # ours: bytes of all headers of an answer; Scrapy has no limit
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024  # default 1 GiB; the largest real pages are some 300 KB
DOWNLOAD_WARNSIZE = 0  # default 32 MiB: beyond DOWNLOAD_MAXSIZE already
DOWNLOAD_FAIL_ON_DATALOSS = False  # default True: a truncated page is kept as evidence, marked, and fetched again
DOWNLOAD_VERIFY_CERTIFICATES = True  # default False: an archive vouches for where its words came from
URLLENGTH_LIMIT = 2083  # the default; a longer address is a failed visit (Scrapy drops it without a word)
METAREFRESH_ENABLED = False  # default True: a page is evidence, not an instruction
REDIRECT_MAX_TIMES = 5  # default 20
HTTPERROR_ALLOW_ALL = True  # default False: a 404 is an answer, and kept
HTTPPROXY_ENABLED = False  # default True: a proxy from the environment would stand between us and the evidence

TWISTED_DNS_RESOLVER = "spiders.network.resolver.PublicResolver"  # default trusts names that lead into our own network
DOWNLOAD_HANDLERS = {
    **dict.fromkeys(("http", "https"), "spiders.network.outgoing.Outgoing"),  # the last door: may we, and what came
    **dict.fromkeys(("data", "file", "ftp", "s3")),  # default speaks them all
}

# --- nothing is opened to the network, not even on loopback
TELNETCONSOLE_ENABLED = False  # default True
REMOTE_CONTROL_ENABLED = False  # default True: a port that runs Python

# --- the archive is the frontier
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # default forgets with the process; the archive does not
CLOCK = "spiders.clock.SystemClock"  # ours: where the time comes from

DOWNLOADER_MIDDLEWARES = {
    "spiders.network.guard.Guard": 40,  # before robots.txt (100): a forbidden host is not even asked for its robots.txt
    "spiders.network.robots.Robots": 100,  # in the place of Scrapy's, which asks on when the rules cannot be had
    "spiders.network.refusal.Refusal": 560,  # sees answers before retries (550) do
    "spiders.network.decoding.ContentDecoding": 590,  # in the place of Scrapy's, which hides truncation
    "spiders.network.redirects.Redirects": 600,  # in the place of Scrapy's, which loses what led to another site
}
EXTENSIONS = {
    "spiders.network.capture.WireCapture": 0,
    "spiders.network.watchdog.Watchdog": 0,
    "spiders.reporting.progress.Progress": 0,
}
# The defaults but for what is off here: Scrapy imports all that it lists, and these take it a quarter of a second.
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": 300,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
}  # default also has robots.txt, decoding, redirects and offsite of its own, meta refreshes, cookies and a cache
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.feedexport.FeedExporter": 0,
    "scrapy.extensions.logstats.LogStats": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
}  # default also has a telnet console, a port for remote control, a debugger of memory, and job directories
ITEM_PIPELINES = {
    "pipelines.keep.Keep": 100,  # keep before parse: a page that no parser understands is already safe
    "pipelines.parse.Parse": 200,
    "pipelines.dedupe.Dedupe": 300,
    "pipelines.save.Save": 400,
}
CONCURRENT_ITEMS = 1  # default 100: items are written one after another anyway

# --- the miniature agency of `-a edition=demo`
DEMO_SEED = 1  # ours: another seed, another agency
DEMO_SIZE = 300  # ours: stories that its listing holds; one comes every two minutes
DEMO_NOW = ""  # ours: a UTC time such as 2026-03-02T12:00:00Z at which its clock stands; empty: the present
DEMO_FURNITURE = 0  # ours: bytes of furniture a page, for benchmarks

# --- speed
WARN_ON_GENERATOR_RETURN_VALUE = (
    False  # default True: reads the source of callbacks again and again; ours return nothing
)

# --- quiet: what matters is in the summary, the exit code and the ledger
LOG_LEVEL = "WARNING"  # default DEBUG
DEFAULT_DROPITEM_LOG_LEVEL = "DEBUG"  # default WARNING: an unchanged page is no news
LOG_VERSIONS: list[str] = []  # default ten libraries, looked up at every start; the ledger keeps what matters
LOGSTATS_INTERVAL = 0  # default 60 s
SUMMARY = "auto"  # ours: always, never, or auto: on a terminal and when something went wrong
PROGRESS = True  # ours: on a terminal, show how far the run is; elsewhere it is never shown
LOG_INSTALL_ROOT_HANDLER = False  # default True: spiders/reporting/logs.py does it: JSON, rotation, no secrets
LOG_FORMAT_NAME = "text"  # ours: text or json (an object a line), as --log-format
LOG_FILE_SIZE = 10 * 1024 * 1024  # ours: bytes after which LOG_FILE is rotated; 0 leaves that to logrotate
LOG_FILE_KEEP = 5  # ours: rotated files that are kept, LOG_FILE.1 the newest
