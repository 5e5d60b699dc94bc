"""Reading the numbers: what managers and analysts ask of a built warehouse."""
