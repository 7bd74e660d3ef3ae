"""The demonstration: a sample year of a network's missions, imported and shown on the terminal."""
