"""What leaves the program for people: mail. Knows no tables and no Flask."""
