"""What the numbers mean: metrics, processes, schemes and the one place that aggregates."""
