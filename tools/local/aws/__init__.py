"""The AWS of the local stack: moto, its corrections, a proxy in front of it, and the deployment."""
