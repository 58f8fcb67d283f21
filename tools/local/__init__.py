"""The local stack: template.yaml deployed on this machine, without Docker.

`emulator` stands in for Lambda and the HTTP API, `aws` for the other services of AWS, and
`providers` for the providers' APIs. `faults` makes AWS and the providers fail.
"""
