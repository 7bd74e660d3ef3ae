"""What Relais costs: measured, recorded, compared."""
