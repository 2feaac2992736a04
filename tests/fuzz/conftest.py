"""The fuzz tests break the clean inputs of the gallery further."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bad_inputs"))
