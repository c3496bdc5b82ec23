"""A hydraulic spreader, cutter or breaker on a ground robot (破拆)."""
