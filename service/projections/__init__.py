"""Keeps the read models up to date: batches, generations beside one another, streams set aside, waits."""
