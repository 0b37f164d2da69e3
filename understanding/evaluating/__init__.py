"""Checking what Klankbord makes of texts against labels of your own: lines in, figures out."""
