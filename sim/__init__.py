"""Machines and places that do not exist, speaking the bytes of those that do."""
