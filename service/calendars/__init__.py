"""Reviews and planned days as a feed that calendar programs read, under a link that is itself the secret."""
