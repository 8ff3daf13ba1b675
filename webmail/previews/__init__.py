"""What is in this file? Attachments looked into without opening them: no program runs, nothing leaves the server."""
