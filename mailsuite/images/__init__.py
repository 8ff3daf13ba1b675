"""What do the pictures show that mail refers to? Fetched for a reader, made harmless, kept for a month."""
