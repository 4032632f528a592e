"""The limit program: what the machine allows for the same operations.

Same tables, same guards, same tokens and the same answers to the same requests as LingAuth, in as
few statements as they can be done in, each prepared, over one psycopg connection a thread; one
ES256 operation, JSON. No settings, no tenants but one, no mail, no limits but those of the guards,
and no errors worth reading: it shows where the floor is and is no product.
"""
