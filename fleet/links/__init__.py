"""Sockets and serial lines to vehicles: bytes in and out, reopened when they fall, nothing known of what they carry."""
