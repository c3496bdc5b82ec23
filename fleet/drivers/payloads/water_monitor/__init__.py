"""A remotely aimed water cannon (水炮)."""
