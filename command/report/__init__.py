"""What a mission came to: the outcome in figures, the goals it met or missed, and its pictures."""
