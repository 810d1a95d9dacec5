"""The sides of Benchmarks/peers.py: the checkpoints, and a module a way to fuse them."""
