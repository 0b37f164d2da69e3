"""Themes: which one a text is about, which phrases stand out, and which themes rise. Pure."""
