"""config/README.md says what the schemas say."""

from pathlib import Path

import pytest

from workflow_lib.io import sheets
from workflow_lib.preflight import document
from workflow_lib.preflight.expected import leaves

CONFIG = Path(__file__).resolve().parents[3] / "config"
README = (CONFIG / "README.md").read_text()
SCHEMAS = [sheets.read_yaml(CONFIG / f"schemas/{name}.schema.yaml") for name in ("config", "samples")]


def test_readme_is_as_the_schemas_make_it():
    assert document.filled(README, *SCHEMAS) == README, "run python -m workflow_lib.preflight.document"


def test_readme_has_a_row_for_each_key_and_column():
    for key, part in leaves(SCHEMAS[0]):
        (row,) = [line for line in README.splitlines() if line.startswith(f"| `{key}` |")]
        assert part["description"] in row
    for column in SCHEMAS[1]["properties"]:
        assert sum(line.startswith(f"| `{column}` |") for line in README.splitlines()) >= 1


def test_a_row_says_type_default_and_bounds():
    schema = {
        "properties": {
            "reads": {
                "type": "object",
                "properties": {
                    "depth": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 9,
                        "default": 3,
                        "description": "How | deep.",
                    },
                },
            },
            "pvalue": {"type": "number", "exclusiveMinimum": 0, "default": 1e-5, "description": "P."},
        }
    }
    assert document.keys(schema).splitlines()[2:] == [
        "| `reads.depth` | whole number | `3` | 1 to 9 | How \\| deep. |",
        "| `pvalue` | number | `1.0e-5` | above 0 | P. |",
    ]


def test_a_document_without_marks_is_refused():
    with pytest.raises(ValueError, match="no mark <!-- keys -->"):
        document.filled("nothing", *SCHEMAS)
