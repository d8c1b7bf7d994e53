"""Starting and stopping the program: embedded PostgreSQL, web server, jobs, and what the person who starts it reads."""
