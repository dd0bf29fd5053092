"""The appraisal on paper: workbooks that compute themselves, print pages, the payroll list."""
