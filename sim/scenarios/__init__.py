"""Scenario files and how they are read: strict TOML in, frozen values out, one clear sentence for every mistake."""
