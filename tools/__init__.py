"""What keeps the project in shape: its own lints, and a browser for the tests."""
