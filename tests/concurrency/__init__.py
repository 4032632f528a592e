"""Promise 2 under fire: real threads and processes against a real PostgreSQL."""
