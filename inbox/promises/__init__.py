"""What was promised to a customer, until when, and whether it was kept. `door.Promises` is the way in."""
