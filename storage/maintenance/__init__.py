"""Whether the archive is what it was, and how it is made whole and small again; pages read again."""
