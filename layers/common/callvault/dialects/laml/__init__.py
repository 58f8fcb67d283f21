"""SignalWire's and Twilio's query API (LaML): routes, documents, errors."""
