"""Pictures to H.264 to RTSP: what a network camera does, on sockets that simulated time can read."""
