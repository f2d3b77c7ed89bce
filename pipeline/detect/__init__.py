"""Report + what was already told -> Development: the facts that are new."""
