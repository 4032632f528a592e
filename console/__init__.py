"""The operators' web console: one module per screen. It calls ``lingauth.services`` only."""
