"""Colour and thermal cameras that look at a simulated place: true geometry, true sizes, the same bytes every time."""
