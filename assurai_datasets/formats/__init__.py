"""Tables, digests, features and Parquet, and the rows of deliveries on disk."""
