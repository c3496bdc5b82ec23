"""What a real site is: its ground, links, vehicles, fence and people, read from one TOML file."""
