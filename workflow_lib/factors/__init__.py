"""Evidence on each transcription factor, side by side."""
