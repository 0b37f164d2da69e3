"""Naming a colleague in a note: `@login` or `@Name`. `door.Mentions` is the way in."""
