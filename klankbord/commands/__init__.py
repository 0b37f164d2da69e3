"""The commands, a file per group. Each command loads the configuration, opens what it needs, and answers."""
