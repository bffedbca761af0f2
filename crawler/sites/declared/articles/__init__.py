"""The articles of a site file: its own rules first, the generic reader for what it leaves out."""
