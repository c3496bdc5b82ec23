"""Bytes of a camera to access units with capture times: RTSP over TCP, RTP, H.264."""
