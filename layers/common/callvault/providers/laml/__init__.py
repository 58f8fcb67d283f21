"""SignalWire and Twilio as providers: callbacks, API, media and control of live calls.

Both offer the API that SignalWire calls LaML. `provider` has the code for both. The archive's own
API that answers queries as LaML does is in `callvault.dialects.laml`.
"""
