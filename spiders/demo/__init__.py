"""A miniature news agency with invented news, in BelTA's dress: for trying the crawler, for tests and benchmarks.

`stories` are written by `history` events into an `agency`; a `newspaper` prints them as `pages`; `respond` answers
a request, `server` does so over loopback and `handler` inside a Scrapy process. Everything is a function of a seed
and a time, so two processes see the same paper. Only `handler` knows Scrapy.
"""
