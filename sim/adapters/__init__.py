"""Bodies for foreign minds: real autopilots steer simulated machines by their motors."""
