"""The description of a backend's APIs (OpenAPI), and the page that shows it."""
