"""Tests of kpi."""
