"""One file per figure the README quotes; each has run(seed, quick)."""
