"""What may never be false: one file for each invariant of the security requirements.

Each test fails if the guard it names is taken out; that was tried, guard by guard.
"""
