"""Report + open stories -> Assignment: which story an article belongs to."""
