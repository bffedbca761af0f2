"""The forms of `dateline schedule`."""
