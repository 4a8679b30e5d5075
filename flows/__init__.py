"""The lifecycle as Prefect flows, one module per stage, readable aloud."""
