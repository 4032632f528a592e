"""The demo: notes that people keep, some of them public, on every backend."""
