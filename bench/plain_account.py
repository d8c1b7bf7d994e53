"""Who looks at the plain list, and how much of it; apart, since its model may not be in the process of ours."""

USERNAME, PASSWORD = "admin", "Do-Dac@2026"
PAGE = 25
