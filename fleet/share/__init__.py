"""Lends a vehicle of the fleet to a foreign ground station or script: its frames up, the guest's through the guard."""
