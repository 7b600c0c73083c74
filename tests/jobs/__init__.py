"""The path of a command through real processes: Valkey, worker, clock and vendor."""
