"""Kept pages read again by today's parsers, and what follows from it."""
