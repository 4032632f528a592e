"""What can be done. Each act knows what it sends, and how the model goes on from it.

What the model says is a generator, whose ``yield`` is a place where other requests may come in
between: there the product commits, or looks again at what it read. Without others at the same
moment an act is the whole of it at once. Where more may happen between than an order of whole acts
could explain, a comment says why that may be.
"""
