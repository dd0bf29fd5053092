"""The development funnel."""
