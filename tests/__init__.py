"""Tests; tests/services starts the real servers that they need."""
