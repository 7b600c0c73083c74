"""What run.py is made of: everything between a bare Python and a running Seatdesk. Standard library only.

Nothing here knows the product beyond its commands and its environment variables.
"""
