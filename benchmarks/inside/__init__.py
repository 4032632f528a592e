"""Where the time of one request goes, for developers: see ``__main__``."""
