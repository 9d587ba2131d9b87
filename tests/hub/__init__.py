"""A Hub on the loopback address: what the client of huggingface_hub 2.x needs, with faults on request."""
