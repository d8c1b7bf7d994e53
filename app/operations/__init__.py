"""WRITE side: every change of a record is one plain function ``verb(actor, …)`` in the module of its noun."""
