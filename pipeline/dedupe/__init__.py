"""Report -> Duplicate | None: the same words again, from whichever outlet."""
