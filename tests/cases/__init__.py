"""Worked examples and published figures, a TOML each: `make cases`, or `python -m tests.cases [--json] [NAME ...]`."""
