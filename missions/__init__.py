"""Intent to plan to approval to execution."""
