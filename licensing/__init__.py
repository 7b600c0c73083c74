"""Domain rules of licences and money: pure functions and frozen values.

Standard library only. No clock, no I/O: the caller passes instants, zones, prices and settings in.
"""
