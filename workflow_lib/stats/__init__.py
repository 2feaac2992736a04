"""Designs, their tests and what makes one number of many p-values."""
