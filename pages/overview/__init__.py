"""The quarter at a glance."""
