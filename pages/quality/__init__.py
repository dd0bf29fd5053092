"""Questions about the data, by person and kind, and whether the base adds up."""
