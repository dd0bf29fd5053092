"""From a messy export to a published version of the facts."""
