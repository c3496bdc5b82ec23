"""ArduPlane: fixed wings, and planes with rotors."""
