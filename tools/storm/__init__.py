"""The storm: every provider, every fault, kills and repetitions at once; then an independent count."""
