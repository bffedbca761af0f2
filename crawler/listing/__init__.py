"""Walking an ordered listing: the walk, its steps, and what is covered by then."""
