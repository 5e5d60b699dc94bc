"""What BigQuery scans, stores and charges for, computed on paper. See `python -m cost -h`."""
