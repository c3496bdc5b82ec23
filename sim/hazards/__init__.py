"""Disasters as physics: wildfire, gallery, building, rubble, plume, waters; one small protocol for all of them."""
