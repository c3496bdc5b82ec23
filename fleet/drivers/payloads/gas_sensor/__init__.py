"""A gas head: CH4, CO, O2, CO2, H2S and temperature."""
