"""SignalWire and Twilio as providers: callbacks, API, media and control of live calls.

Both offer the API that SignalWire calls LaML: `provider` has what they share. The API that answers
queries as theirs does is in `callvault.dialects.laml`.
"""
