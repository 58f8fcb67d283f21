"""IAM of the local stack: what the role of a function allows, and what every request needs.

`grammar` refuses policies that AWS refuses. `policies` evaluates statements, `conditions` their
conditions. `signatures` and `authentication` tell who sent a request. `s3`, `dynamodb` and
`services` say which permissions it needs. `roles` reads the roles of the template. `guard` puts
these together, and `usage` and `report` say which permissions no request used.
"""
