"""What a host's own view reads."""
