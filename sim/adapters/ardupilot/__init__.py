"""ArduPilot's software in the loop as the brain: the server of its JSON physics interface, and how it is started."""
