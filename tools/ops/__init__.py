"""What an operator does from a terminal: dead letters, retries."""
