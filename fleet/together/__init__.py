"""Orders to many vehicles at once, on top of the fleet service: it gives commands, and never goes around the guard."""
