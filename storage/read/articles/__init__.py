"""One article as readers look at it: its versions, what changed between them, and what stands around it."""
