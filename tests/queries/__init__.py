"""Lists and reads, on both databases."""
