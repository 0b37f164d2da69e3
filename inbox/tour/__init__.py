"""Whether somebody has been shown around. The way in is `door.TourDoor`."""
