"""The bytes: immutable content named by its SHA-256."""
