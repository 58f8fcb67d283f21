"""The operator's command line, the program `callvault`; `registry` says how to add a command."""
