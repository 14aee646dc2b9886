"""Neural memory: the mechanisms, their models, their papers' tasks, and which published numbers hold."""

from memlib.runtime import budget, device, profile

__version__ = "0.1.0"

__all__ = ["__version__", "budget", "device", "profile"]
