"""Who takes part: clients, cadres, and those who issue invoices."""
