"""What each kind of machine says and understands: one folder a kind, the same short files; common parts in mavlink/."""
