"""The vectorised engine: integer ticks of 4 ms, all state in columns, two equal back ends, seeded wind and sensors."""
