"""Bytes by SHA-256: content-addressed files, knows no tables."""
