"""Tests of the verifier: signatures, differences, classes."""
