"""The upkeep of the topic model: what is held out, how good a model is, whether it may take over, what to ask readers.

Not part of what decides the topics of an article: a change here trains no model again.
"""
