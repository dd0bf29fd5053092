"""Orders, cash and receivables against the plan."""
