"""Try the archive on a real AWS account, and write a report that can be pasted into an issue.

`make acceptance STACK=…` deploys the stack three times: as it is in this checkout, with a changed
line of the layer and a changed parameter, and as it was. It also deploys a small stack with a
stand-in of Bandwidth's API, which it removes at the end. Against the local stack (AWS_ENDPOINT_URL
is set) the steps that need AWS itself are printed as SKIPPED and counted.
"""
