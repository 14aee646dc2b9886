"""The papers' tasks: seeded generators and readers of the real files, one task per file."""
