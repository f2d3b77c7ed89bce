"""Tokens, sentences and normalisation that at least two rooms need."""
