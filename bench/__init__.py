"""The benchmark: loading, pages and KPI queries, each beside a floor measured in the same run."""
