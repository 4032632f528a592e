"""Signing in by somebody else's sign-in (OAuth 2.0, OpenID Connect)."""
