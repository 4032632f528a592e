"""Faults while people use a real site; afterwards what they were told and the database agree."""
