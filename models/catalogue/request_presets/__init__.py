"""Mapping files of service-request exports, one a publisher."""
