"""What goes wrong on purpose: at AWS, at providers, on connections."""
