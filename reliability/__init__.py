"""Runs that try to break the promises: faults, long random walks, made-up calls, mutants.

Each is a folder with a command, ``python -m reliability.<folder>``; what the last long run of each
came to is in ``docs/reliability.md``.
"""
