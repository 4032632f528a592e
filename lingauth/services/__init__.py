"""The verbs. One file per family; keyword-only functions that own their transactions.

The API, the hosted pages and the console call the same ones. A service raises after commit, and
its transactions are durable, so that a host's ``ATOMIC_REQUESTS`` cannot undo a counter or a
revocation.
"""
