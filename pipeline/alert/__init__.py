"""Development -> Alert -> message -> Slack or console, exactly once."""
