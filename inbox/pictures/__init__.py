"""Pictures that customers attached, for who is signed in."""
