"""The storm: a load test in which the providers and AWS fail, and processes are killed.

An independent count at the end finds the recordings that were lost or stored twice.
"""
