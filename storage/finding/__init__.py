"""From words, keys or addresses to articles: full-text search and what it needs."""
