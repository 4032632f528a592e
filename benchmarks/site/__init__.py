"""LingAuth as a host project would run it: the product's project and one view of the host's own."""
