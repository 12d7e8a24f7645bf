"""svcops: service management as records in git."""

__version__ = "0.1.0"
