"""Fast twins of mechanisms and models: the same numbers with fewer and larger operations."""
