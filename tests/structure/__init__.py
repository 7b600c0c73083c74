"""Tests that read the source: the direction of imports, sizes, and what must not stand where."""
