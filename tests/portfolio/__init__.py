"""Tests of the portfolio."""
