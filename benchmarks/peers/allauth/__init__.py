"""django-allauth headless with two factors: session tokens, or its JWT strategy.

What it has not is written by hand, as its users do: a policy, and the check of it in a permission.
"""
