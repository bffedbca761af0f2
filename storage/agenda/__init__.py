"""What is still to be asked for: sightings, coverage of the listing, what is due, and when again."""
