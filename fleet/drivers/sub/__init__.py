"""Underwater robots with ArduSub."""
