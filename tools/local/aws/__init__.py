"""The AWS of the local stack: moto and its corrections, a proxy before it, and the deployment."""
