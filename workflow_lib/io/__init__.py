"""The only part of the library that opens files."""
