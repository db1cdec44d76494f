"""Farmland and forest carbon sinks: from satellite imagery to a crediting report that can be verified."""

__version__ = "0.1.0"
