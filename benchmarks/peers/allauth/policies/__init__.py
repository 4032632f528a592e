"""The policy, by hand."""
