"""A licensing vendor of our own for demos and tests: a separate process with its own database and ledger.

Shares no code with the rest of the repository, so that both sides of the wire are written down twice.
"""
