"""What was read: articles, their revisions, and which of them tell the same story."""
