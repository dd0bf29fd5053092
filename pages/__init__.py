"""Thin views over the numbers: filters, one call, elements."""
