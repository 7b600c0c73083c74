"""Tests of run.py and the launcher."""
