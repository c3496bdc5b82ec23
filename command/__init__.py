"""The command centre and composition root."""
