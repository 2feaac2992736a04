"""Ways to spoil a file: what faults, editors and strangers do to bytes."""

from hypothesis import strategies as st

HOSTILE = [
    *(
        b"",
        b" ",
        b"\t",
        b"\n",
        b"\r",
        b"\0",
        b"#",
        b">",
        b";",
        b'"',
        b"'",
        b"=",
        b":",
        b"-",
        b"+",
        b".",
        b"[",
    ),
    *(b"NA", b"nan", b"inf", b"-1", b"0", b"1.5", b"1e5", b"1_0", b"1e999", b"9" * 25, b"-" + b"9" * 25),
    *(
        b"1" * 5000,
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\x1f\x8b",
        b"\xe9",
        b"\xc3\xa9",
        b"\xe2\x80\xa8",
        b"\xd9\xa1",
    ),
    *(
        b"{}",
        b"$(x)",
        b"chr1",
        b"chr9",
        b"gene",
        b"##gff-version 3",
        b"MOTIF",
        b"P0 A C G T",
        b"//",
        b"A [ 1 ]",
    ),
    *(b"!!python/name:os.system", b"&a [*a]", b"*a", b"!!int x", b"2020-13-45", b"? ", b"| ", b"<<: 1", b"%"),
]


def _spoil(data: bytes, steps: list[tuple]) -> bytes:
    for kind, where, token, n in steps:
        at = int(where * (len(data) + 1))
        if kind == "flip" and data:
            at = min(at, len(data) - 1)
            data = data[:at] + bytes([data[at] ^ (1 << n % 8)]) + data[at + 1 :]
        elif kind == "byte" and data:
            at = min(at, len(data) - 1)
            data = data[:at] + bytes([n % 256]) + data[at + 1 :]
        elif kind == "cut":
            data = data[:at]
        elif kind == "drop":
            data = data[:at] + data[at + n :]
        elif kind == "insert":
            data = data[:at] + token + data[at:]
        elif kind == "field":
            parts = data.replace(b"\n", b"\n\t").split(b"\t")
            parts[min(at, len(parts) - 1) if len(parts) < at else at % len(parts)] = token
            data = b"\t".join(parts).replace(b"\n\t", b"\n")
        elif kind == "word":
            parts = data.split(b" ")
            parts[at % len(parts)] = token
            data = b" ".join(parts)
        else:
            lines = data.split(b"\n")
            i, j = at % len(lines), n % len(lines)
            if kind == "swap":
                lines[i], lines[j] = lines[j], lines[i]
            elif kind == "again":
                lines.insert(i, lines[j])
            elif kind == "line":
                lines[i] = token
            data = b"\n".join(lines)
    return data


KINDS = ["flip", "byte", "cut", "drop", "insert", "field", "word", "swap", "again", "line"]
_STEP = st.tuples(
    st.sampled_from(KINDS),
    st.floats(0, 1, exclude_max=True),
    st.sampled_from(HOSTILE) | st.binary(max_size=8),
    st.integers(0, 300),
)


def spoiled(*seeds: bytes) -> st.SearchStrategy[bytes]:
    """One of some valid files after up to four mutations, or arbitrary bytes or text."""
    broken = st.builds(_spoil, st.sampled_from(seeds), st.lists(_STEP, max_size=4))
    return st.one_of(
        broken,
        broken,
        broken,
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
    )
