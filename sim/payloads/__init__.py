"""The simulated twin of each payload of fleet/drivers/payloads, by the same name."""
