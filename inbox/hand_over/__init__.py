"""What one shift leaves for the next. `door.HandOvers` is the way in."""
