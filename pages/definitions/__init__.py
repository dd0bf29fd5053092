"""What every number means, the rules in force, and the same number under other rules."""
