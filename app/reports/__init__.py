"""Data in, bytes out: printed forms. Knows no tables."""
