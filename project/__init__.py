"""A Django project around LingAuth: settings, addresses, the landing page and the demo."""
