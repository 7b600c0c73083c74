"""Writes: one function is one use case and one transaction. No vendor, no queue: no I/O inside a transaction."""
