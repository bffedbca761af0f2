"""Between Scrapy and the site: what may be asked, when and how fast, and what came back as it came."""
