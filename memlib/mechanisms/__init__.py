"""The equations: pure functions on tensors, one file a mechanism, in its paper's order."""
