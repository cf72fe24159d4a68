"""Pays what is queued."""
