"""Choosing who you are, while the app is bound to this machine."""
