"""What does the trade know before it has seen this building? The YAML files here, read by `models.catalogue_files`."""
