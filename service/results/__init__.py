"""Results against their cost: told from what the read models hold, priced by the rules that bill."""
