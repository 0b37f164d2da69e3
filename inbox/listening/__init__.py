"""What an administrator does with sources: look now, pause, see the last looks and what was set aside."""
