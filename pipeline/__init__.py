"""Wirewatch: the walk of an article from the web to an alert.

    web > fetch > clean > classify > dedupe > group > detect > alert > Slack

Each room adds one frozen record (`pipeline.models`) that points back by id and
leaves exactly one counted outcome per item; `pipeline.steps` is the walk in one
place, `pipeline.store` the only room that speaks SQL.
"""
