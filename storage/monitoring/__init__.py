"""What the monitors are told, what they found, and how the state of an archive is said."""
