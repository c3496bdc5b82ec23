"""How services in different processes publish and subscribe: a codec, the hub, and a bus on any stream."""
