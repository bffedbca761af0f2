"""Remembers, and hands out: the archive in one SQLite file."""
