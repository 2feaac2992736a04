"""Samples as wholes: are they what the sheet says, and does one of them, or something unnamed, stand out?"""
