"""Which texts are the same, nearly the same or changed: digests, near-duplicates, differences."""
