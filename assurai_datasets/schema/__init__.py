"""Frozen models of everything that is written down: no files, no network."""
