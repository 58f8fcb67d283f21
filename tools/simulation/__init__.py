"""Simulate an outage of a provider, with the rules by which the archive retries.

Half of the accounts and of the recordings are at a provider that is down for twelve hours and then
allows 60 requests a second. A run of the archive for a day and a half takes some minutes here. The
simulation calls the product's own functions for gaps, due times, breakers, slots and the plan of
the sweep; only the queue, the table and the providers are simulated.
"""
