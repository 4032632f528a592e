"""Does the time of an answer tell who has an account? ``make bench-oracle``."""
