"""Whom to call today."""
