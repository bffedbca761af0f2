"""Articles into files: the formats, and the data dictionary and data package that go with each."""
