"""Every module whose operations make a move: whoever imports this has all of ``OPERATIONS``."""

from app.operations import arrivals, assignments, handling, incoming, settling, terms

__all__ = ["arrivals", "assignments", "handling", "incoming", "settling", "terms"]
