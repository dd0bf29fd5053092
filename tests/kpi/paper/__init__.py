"""Paper of the appraisal."""
