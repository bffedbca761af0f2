"""The listings of a site file: what to ask for, and how each kind of answer is read."""
