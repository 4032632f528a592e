"""The hosted pages: sign-in and two-step verification for a backend's accounts.

They need no JavaScript. Each view parses a form, calls one service and redirects or renders.
"""
