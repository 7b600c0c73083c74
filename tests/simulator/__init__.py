"""The vendor simulator as a process, and tests of what it does on its own."""
