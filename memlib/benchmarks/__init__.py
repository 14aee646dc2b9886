"""Benchmarks: two or more ways to do the same work, measured in turn in one run. ``memlib bench`` lists them."""
