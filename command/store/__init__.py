"""Data that lasts: the hash-chained event record and sampled telemetry."""
