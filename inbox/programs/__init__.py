"""What other programs read and bring, under the token they call with: the same rows and rules as an export."""
