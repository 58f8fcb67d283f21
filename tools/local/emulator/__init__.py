"""What Lambda and API Gateway do: the Runtime API, the HTTP API, queue pollers, schedules, the template."""
