"""Commands take effect exactly once, whatever happens: faults by seed, processes killed, and a checker of its own."""
