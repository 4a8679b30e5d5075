"""The steps of the flows: each opens its own short transaction and may be run twice."""
