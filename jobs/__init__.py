"""Background doors: RQ functions and the clock process. Ids come in, one operation goes out; no rules live here."""
