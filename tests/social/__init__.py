"""Social platforms played by servers in this process, read and answered by everything that is real on our side."""
