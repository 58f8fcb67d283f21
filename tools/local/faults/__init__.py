"""Faults of AWS and of the providers, for tests and the storm."""
