"""A loudspeaker that plays recordings kept on board."""
