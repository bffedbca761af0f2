"""What crawl, import and reparse write through."""
