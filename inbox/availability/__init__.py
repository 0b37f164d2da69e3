"""Who is available, when they are planned, what they can do, how much they have. The way in: `door.Availability`."""
