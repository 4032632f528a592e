"""Sessions and the policy, by hand."""
