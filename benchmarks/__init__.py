"""Side-by-side measurements against peers and against what the machine allows: ``make bench``."""
