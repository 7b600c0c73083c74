"""The domain rules, tested as tables of cases and as properties; no database."""
