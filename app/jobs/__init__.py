"""The process that runs jobs by the timetable of :mod:`app.rules.jobs`; what they do is in operations."""
