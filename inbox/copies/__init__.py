"""Messages that say the same: seen, closed and answered together, and taken apart. The way in is `door.Copies`."""
