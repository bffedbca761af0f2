"""WARC and WACZ, out and in: what the web-archiving world reads, and what of its files we take over."""
