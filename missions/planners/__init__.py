"""Pure planning functions: same input, same plan. No clock, no sockets, no randomness; they stop on iterations."""
