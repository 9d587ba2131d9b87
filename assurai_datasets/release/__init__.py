"""Packing a release, and proving what it holds."""
