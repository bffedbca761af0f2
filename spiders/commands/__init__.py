"""Commands of `scrapy` that replace Scrapy's own."""
