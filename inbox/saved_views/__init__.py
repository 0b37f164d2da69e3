"""Lists that somebody keeps: a standing view, narrowed. The way in is `door.SavedViewsDoor`."""
