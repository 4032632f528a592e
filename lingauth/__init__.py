"""Enforceable two-step verification for Django."""

__version__ = "0.1.0"
