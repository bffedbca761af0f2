"""What servers answer: the answer itself, and how it is decoded and parsed within limits."""
