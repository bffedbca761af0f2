"""When to fetch, to look again and to give up, and what we owe a site meanwhile."""
