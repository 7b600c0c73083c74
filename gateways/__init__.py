"""Vendor adapters: one folder per service, one interface. They turn requests into calls, and answers into outcomes.

No models, no flask, no rq: an adapter knows the wire and the licensing words, nothing of our tables.
"""
