"""What an accountant takes away: invoices, payments and days as tables, and the journals of sales and bank."""
