"""What is still to be asked for: sightings, coverage of the listing and its holes, what is due, and when again."""
