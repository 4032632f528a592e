"""Mutation testing: does a test notice when a line of the product says something else?

``python -m reliability.mutation`` makes the mutants of the rooms where the promises are kept, runs
for each the tests that reach its line, and lists those that no test noticed.
"""
