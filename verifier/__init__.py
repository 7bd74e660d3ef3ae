"""What a client checks its own history with: without our servers, our code or our good will."""
