"""The pure rules of the field: plain values in, plain values out."""
