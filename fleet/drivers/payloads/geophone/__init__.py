"""A geophone that listens for knocks and falls through the ground."""
