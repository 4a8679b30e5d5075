"""What may a survey ask, and which questions for which purpose? Codebook and templates."""
