"""PX4: copters, planes, rovers and boats, in its own modes. Built to its sources; not tried on a real one."""
