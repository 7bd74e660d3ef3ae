"""What is agreed on a date: the letter of engagement with its amendments merged, each change marked."""
