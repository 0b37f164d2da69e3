"""The query lab: trying a brand's query on what came in, measuring it, and keeping versions of it."""
