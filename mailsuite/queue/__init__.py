"""What is still owed? One row for each recipient not yet settled."""
