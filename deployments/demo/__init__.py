"""The demonstration: a whole engagement on a seeded scenario that says what is invented."""
