"""Is it welcome? Verdicts on what comes in, each with its reason."""
