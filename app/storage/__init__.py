"""Files as bytes: kept under their SHA-256, recognised by their content. Knows no tables."""
