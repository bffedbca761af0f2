"""What we know about news: records, dates, addresses, sites. Pure: no SQL, no sockets, no Scrapy."""
