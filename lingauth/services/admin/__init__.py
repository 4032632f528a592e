"""What a backend's own servers may do to its accounts, with the service key."""
