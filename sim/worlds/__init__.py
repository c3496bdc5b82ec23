"""Places that do not exist: seeded hills, forest, water, fire and the people lost among them."""
