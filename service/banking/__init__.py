"""Bank statements: what a bank writes of an account, read strictly, and the payments that its credits are."""
