"""Measurements: `make bench` starts the program as users do and writes docs/performance.md. They gate nothing."""
