"""Through which door? SMTP, on ports 25, 465 and 587."""
