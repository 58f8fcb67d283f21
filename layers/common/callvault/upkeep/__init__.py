"""What the clock starts: rows that wait too long, announced recordings, silent accounts."""
