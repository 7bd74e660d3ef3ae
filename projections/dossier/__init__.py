"""What a successor must know of a mission that its letter, its objectives and its accounts do not say."""
