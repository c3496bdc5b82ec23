"""Other people's simulators behind the simulator's own interfaces."""
