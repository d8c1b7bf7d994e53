"""What a file says about itself: facts and text, read only in limited worker processes. Knows no tables."""
