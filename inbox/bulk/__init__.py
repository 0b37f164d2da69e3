"""One action over many conversations at once. The way in is `door.BulkDoor`."""
