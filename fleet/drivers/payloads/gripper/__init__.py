"""A gripper that holds, carries and drops."""
