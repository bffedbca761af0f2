"""The query language, and the search that it asks for."""
