"""The evidence behind the churn rate."""
