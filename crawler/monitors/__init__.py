"""What is normal for an edition, and what is trouble."""
