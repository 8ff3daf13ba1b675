"""Who does the owed work? Celery tasks, each a call of one function."""
