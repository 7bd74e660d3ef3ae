"""History sealed into a signed tree, so that anyone can check that nothing in it was changed, left out or added."""
