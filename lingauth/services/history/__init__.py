"""The history that shows tampering: events are sealed, and seals are checked.

Each backend's events are one chain of seals, and those of no backend another. Whoever changes,
deletes or adds an event later than its seal does not go unseen, even as the owner of the database:
the seals are marked with a key that is not in it. What can be cut off unseen is the end of a chain,
so each head is logged: kept elsewhere, it shows that too. No request does any of this.
"""
