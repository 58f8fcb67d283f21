"""Everything that is specific to SignalWire and Twilio, which share the LaML API.

Their query API is not here but in `dialects.laml`.
"""
