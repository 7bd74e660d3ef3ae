"""What is billed, credited and paid: invoices, credit notes, payments and refunds."""
