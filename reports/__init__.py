"""Data in, documents out."""
