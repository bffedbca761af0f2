"""The file: its tables, how it is opened, locked and migrated."""
