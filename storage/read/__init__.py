"""The archive for readers: nothing here writes."""
