"""What the service key opens."""
