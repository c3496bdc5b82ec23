"""What machines see, and where that is on the ground."""
