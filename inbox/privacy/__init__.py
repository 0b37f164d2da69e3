"""The rights of whom we keep data of: what is kept of somebody, and erasing it. `door` is the way in."""
