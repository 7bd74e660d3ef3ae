"""What is true of Relais, as sentences that run."""
