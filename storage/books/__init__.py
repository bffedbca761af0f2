"""The archive by day and by crawl: what was taken in, what was asked, what is there at a glance."""
