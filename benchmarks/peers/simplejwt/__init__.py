"""djangorestframework-simplejwt with rotation and blacklist, and django-otp.

What neither has is written by hand, as their users do: a row for each session, a policy, and the
check of both in a permission.
"""
