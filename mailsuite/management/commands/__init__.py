"""One command a file; each has --help with an example."""
