"""A winch with a line that carries a load."""
