"""What a reader may see and do, in no dialect: rendering is in `dialects`."""
