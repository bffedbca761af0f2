"""What is still to be fetched, and when: sightings, visits, absences."""
