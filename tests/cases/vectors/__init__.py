"""Readers of published series, a module a topic; each takes the case's table and gives pairs of ours and published."""
