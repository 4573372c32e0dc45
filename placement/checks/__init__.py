"""The invariants of the product as checks of what is stored: each says how much it compared and what breaks it."""
