"""Charts that screens share: colours, axes and numbers in one place, and how a chart stands on a page."""
