"""What simulated machines are: their kinds, physical figures with sources, and how one is asked for."""
