"""Going live: hub, record, fleet, missions and screen on real links, and the socket that people's tools speak to."""
