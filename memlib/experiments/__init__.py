"""The papers' experiments: the rows of their tables as data, and what it takes to run them."""
