"""What servers answer: how it is decoded and parsed within limits, and what a page says of itself."""
