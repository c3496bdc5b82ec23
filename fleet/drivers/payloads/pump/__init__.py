"""A submersible drainage pump."""
