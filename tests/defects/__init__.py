"""Mistakes planted on purpose in a copy of the tree: what does not catch them proves nothing."""
