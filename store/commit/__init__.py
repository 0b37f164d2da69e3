"""The parts of `store.ingest.commit_page`; nobody else calls them."""
