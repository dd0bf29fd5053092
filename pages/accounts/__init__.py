"""The file of one account."""
