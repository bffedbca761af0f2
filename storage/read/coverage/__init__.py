"""What can be said of each day of an edition, and what is missing."""
