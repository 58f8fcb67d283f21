"""The emulator of Lambda: the functions' processes, their HTTP API, pollers and schedules."""
