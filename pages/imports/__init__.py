"""The Imports page: upload, preview, result, history, undo."""
