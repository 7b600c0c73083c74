"""Real servers for the tests: each is a child of the test run, private to it, and ends with it."""
