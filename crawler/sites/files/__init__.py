"""The site files that come with Dateline. Each says at its top what is sure of it and what is not."""
