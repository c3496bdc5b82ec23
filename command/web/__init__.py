"""The screen's server: a process of its own, outside simulated time, fed by the hub or by a record."""
