"""One charge of one function at one client, from its letter to its last invoice."""
