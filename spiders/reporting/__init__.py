"""What a run says: on a terminal while it goes on, at its end, in a log, and to whoever is to be told."""
