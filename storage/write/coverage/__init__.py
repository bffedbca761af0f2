"""Gaps and days of a listing, kept true as its pages are written."""
