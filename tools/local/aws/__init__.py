"""The AWS side of the local stack: moto, what mends it, the proxy in front of it, and the deployment."""
