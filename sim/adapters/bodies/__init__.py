"""Machines down to their motors: frames with motor order, rigid bodies, contact with ground and water, gyroscopes."""
