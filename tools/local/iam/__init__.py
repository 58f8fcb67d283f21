"""IAM of the local stack: what the role of a function allows, and what every request needs.

`policies` evaluates statements, `conditions` their conditions. `s3`, `dynamodb` and `services` say
which permissions a request needs. `roles` reads the roles of the template. `guard` puts these
together, and `usage` and `report` say which permissions no request used.
"""
