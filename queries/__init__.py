"""Reads: selects scoped to the actor's reseller. Nothing here writes; scope.py alone builds the tenant filter."""
