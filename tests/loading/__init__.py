"""Loading: the bare name, releases, filters, views, and clients that have nothing of ours."""
