"""The archive by day and by crawl: what was taken in, what was asked, what is missing, what is there at a glance."""
