"""The steps, oldest first; a file is named by its revision."""
