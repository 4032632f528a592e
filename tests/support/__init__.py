"""What the tests stand on: a PostgreSQL, a Chromium, running servers, codes, a counter."""
