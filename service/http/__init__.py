"""Where the world comes in over HTTP, and where answers go out."""
