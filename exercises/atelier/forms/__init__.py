"""What the kits' forms share: saving, undo, status, and the panels that every lab has."""
