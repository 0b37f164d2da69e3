"""What figures rest on: durations and outcomes, appended as facts in the transaction of the step that ended them."""
