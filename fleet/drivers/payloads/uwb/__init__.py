"""Ultra-wideband anchors that range to tags."""
