"""What a reader should be careful with in a message, and why: phishing and impersonation (product.md 4.7)."""
