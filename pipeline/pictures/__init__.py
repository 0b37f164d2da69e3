"""Pictures that customers attached: fetched by the worker, made anew, and kept with their message."""
