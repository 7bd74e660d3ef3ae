"""What may happen to a mission, and why not: no clock, no I/O, no framework."""
