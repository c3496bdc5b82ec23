"""People in disasters: where they go, how they make themselves heard, how long they hold out."""
