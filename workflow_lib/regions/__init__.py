"""What changed regions have in common: sets of genes near them, and regions of other studies."""
