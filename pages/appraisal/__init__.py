"""The quarter's appraisal."""
