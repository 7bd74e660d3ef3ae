"""The shore: where the world comes in and answers go out."""
