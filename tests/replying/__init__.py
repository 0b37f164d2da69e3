"""Answers from the press of a button to the platform and back."""
