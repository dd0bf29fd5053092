"""One rep in one quarter."""
