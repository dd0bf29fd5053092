"""The second way of computing every number: slow, plain Python over raw rows, with none of the SQL under test."""
