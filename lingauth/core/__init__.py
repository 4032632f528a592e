"""The rules, without a database: no models, no DRF, no settings looked up inside functions."""
