"""Where history is kept: its format, its keys, and the one door through which it grows."""
