"""Who is around: which colleague looks at a conversation now, or writes in it. The way in is `door.PresenceDoor`."""
