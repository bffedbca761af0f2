"""Goes out: the spider that walks a wire, what surrounds it in Scrapy, and a miniature agency to try it on."""
