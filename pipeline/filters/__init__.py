"""The line filters: JSON lines in, JSON lines out, one answer per line, input order kept."""
