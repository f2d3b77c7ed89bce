"""Article -> Classification: a TF-IDF topic model, its training and its evaluation."""
