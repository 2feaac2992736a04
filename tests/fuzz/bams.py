"""Small BAMs with everything that aligners, and what runs after them, do to pairs; and fragments by name.

The oracle reads records with pysam and matches mates in a dictionary; it shares no code with the library.
"""

import random
import struct
import zlib
from collections import Counter, defaultdict
from pathlib import Path

import pysam

BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
OPERATIONS = "MIDNSHP=X"
ON_READ = "MIS=X"


def write_bam(path: Path, contigs: dict[str, int], records: list[tuple]) -> None:
    """Write records (name, flag, contig, position, mapq, cigar, mate contig, mate position, TLEN), sorted."""
    text = b"@HD\tVN:1.6\tSO:coordinate\n"
    parts = [b"BAM\1", struct.pack("<i", len(text)), text, struct.pack("<i", len(contigs))]
    for name, length in contigs.items():
        parts.append(struct.pack("<i", len(name) + 1) + name.encode() + b"\0" + struct.pack("<i", length))
    records = sorted(records, key=lambda record: (record[2] % 2**32, record[3]))
    parts += [_encoded(*record) for record in records]
    data = b"".join(parts)
    with open(path, "wb") as out:
        for begin in range(0, len(data), 60_000):
            out.write(_block(data[begin : begin + 60_000]))
        out.write(BGZF_END)


def _encoded(name, flag, contig, position, mapq, cigar, mate_contig, mate_position, template) -> bytes:
    words = b"".join(struct.pack("<I", n << 4 | OPERATIONS.index(op)) for op, n in cigar)
    n_bases = sum(n for op, n in cigar if op in ON_READ)
    fixed = (contig, position, len(name) + 1, mapq, 4680, len(cigar), flag, n_bases)
    body = struct.pack("<iiBBHHHiiii", *fixed, mate_contig, mate_position, template)
    body += name.encode() + b"\0" + words + b"\x11" * ((n_bases + 1) // 2) + b"\xff" * n_bases
    return struct.pack("<i", len(body)) + body


def _block(data: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush()
    head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + struct.pack("<H", len(packed) + 25)
    return head + packed + struct.pack("<II", zlib.crc32(data), len(data))


def draw(rng: random.Random) -> tuple[dict[str, int], list[tuple]]:
    """Contigs and records of one file; how often each oddity comes up differs from file to file."""
    contigs = {f"c{i}": rng.choice([30, 400, 3000, 90_000]) for i in range(rng.randint(1, 4))}
    habits = {name: rng.random() ** rng.choice([3, 9]) for name in _HABITS}
    habits["numbered"] = float(rng.random() < 0.1)
    records: list[tuple] = []
    for i in range(rng.choice([0, 1, 2, 3, 6, 12, 25, 50, 50, 100])):
        name = _name(rng, habits, i)
        if rng.random() < habits["single"]:
            records += _single(rng, contigs, name, habits)
        else:
            records += _template(rng, contigs, name, habits)
        # another pair of the same name, as of another lane; not where both may lie at one place
        while min(contigs.values()) >= 3000 and rng.random() < habits["twin"] / 2:
            records += _template(rng, contigs, name, {"numbered": habits["numbered"]})
    return contigs, records


_HABITS = (
    *("single", "clip", "hard", "gap", "low", "duplicate", "one_duplicate", "failed", "improper", "missing"),
    *("elsewhere", "unmapped", "supplementary", "secondary", "same_strand", "outward", "dovetail", "shifted"),
    *("template_zero", "template_other", "no_mate_place", "twin", "long_name", "numbered", "one_strand"),
)


def _name(rng: random.Random, habits: dict, i: int) -> str:
    if rng.random() < habits["long_name"]:
        return "".join(rng.choices("ACGT:_/123", k=rng.randint(30, 240))) + f":{i}"
    return rng.choice(["{}", "r{}", "A00:7:HX:1:1101:{}:99", "x/1/{}_", "SRR1.{}"]).format(i)


def _aligned(rng: random.Random, habits: dict, span: int) -> list[tuple[str, int]]:
    """A CIGAR over so many bases of the reference."""
    middle = [("M", span)]
    if span > 8 and rng.random() < habits["gap"]:
        a = rng.randint(1, span - 4)
        middle = rng.choice(
            [
                [("M", a), ("I", 2), ("M", span - a)],
                [("M", a), ("D", 2), ("M", span - a - 2)],
                [("M", a), ("N", 3), ("M", span - a - 3)],
                [("=", a), ("X", 1), ("=", span - a - 1)],
            ]
        )
    for side in (0, 1):
        if rng.random() < habits["clip"]:
            clip = [("S", rng.randint(1, 30))]
            if rng.random() < habits["hard"]:
                clip = rng.choice([[("H", 3)], [("H", 2), ("S", 4)]])
            middle = [*middle, *clip[::-1]] if side else [*clip, *middle]
    return middle


def _mapq(rng: random.Random, habits: dict) -> int:
    return rng.choice([0, 12, 29]) if rng.random() < habits["low"] else rng.choice([30, 42, 60, 255])


def _single(rng, contigs, name, habits):
    contig = rng.randrange(len(contigs))
    span = min(rng.randint(5, 60), list(contigs.values())[contig])
    position = rng.randint(0, list(contigs.values())[contig] - span)
    flag = (0 if rng.random() < habits["one_strand"] else rng.choice([0, 16])) | _marks(rng, habits)
    return [(name, flag, contig, position, _mapq(rng, habits), _aligned(rng, habits, span), -1, -1, 0)]


def _marks(rng, habits) -> int:
    return (0x400 if rng.random() < habits["duplicate"] else 0) | (
        0x200 if rng.random() < habits["failed"] / 2 else 0
    )


def _template(rng, contigs, name, habits):
    """Records of one template."""
    habits = dict.fromkeys(_HABITS, 0.0) | habits
    chance = lambda habit: rng.random() < habits[habit]  # noqa: E731
    lengths = list(contigs.values())
    contig = rng.randrange(len(contigs))
    size = min(rng.choice([rng.randint(5, 60), rng.randint(60, 900)]), lengths[contig])
    start = rng.randint(0, lengths[contig] - size)
    spans = [min(rng.randint(5, 60), size) for _ in range(2)]
    places = [start, start + size - spans[1]]
    if chance("dovetail"):  # both reads run past the other's start
        places = [start, max(start + size - spans[1] - 10, 0)]
        spans = [min(spans[0] + 10, lengths[contig] - places[0]), start + size - places[1]]
    strands = [0, 1]
    if chance("outward"):
        strands = [1, 0]
    elif chance("same_strand"):
        strands = [0, 0]
    on = [contig, contig]
    if chance("elsewhere"):
        on[1] = rng.randrange(len(contigs))
        spans[1] = min(spans[1], lengths[on[1]])
        places[1] = rng.randint(0, lengths[on[1]] - spans[1])
    flip = rng.random() < 0.5
    marks = _marks(rng, habits)
    proper = 0 if chance("improper") else 2
    unmapped = [False, chance("unmapped")]
    told = list(places)
    if chance("shifted"):
        told = [max(place + rng.choice([-5, 4, 0]), 0) for place in places]
    template = places[1] + spans[1] - places[0]
    if chance("template_other"):
        template = rng.choice([template + rng.randint(-40, 40), places[1] - places[0]])
    if chance("template_zero"):
        template = 0
    nowhere = chance("no_mate_place")
    numbered = chance("numbered")
    records = []
    for k in (0, 1):
        other = 1 - k
        flag = 1 | proper | marks | (16 if strands[k] else 0) | (32 if strands[other] else 0)
        flag |= 64 if (k == 0) != flip else 128
        flag |= (4 if unmapped[k] else 0) | (8 if unmapped[other] else 0)
        if k and chance("one_duplicate"):
            flag ^= 0x400
        cigar = [] if unmapped[k] else _aligned(rng, habits, spans[k])
        position, where = (places[0], on[0]) if unmapped[k] else (places[k], on[k])
        mate = (-1, -1) if nowhere else (on[other], told[other])
        given = f"{name}/{1 if flag & 64 else 2}" if numbered else name
        sign = -1 if k else 1
        record = (given, flag, where, position, _mapq(rng, habits), cigar, *mate, sign * template)
        if not chance("missing"):
            records.append(record)
        for habit, bit in (("supplementary", 0x800), ("secondary", 0x100)):
            if chance(habit):
                records.append((given, flag | bit, *record[2:]))
    return records


def by_name(path: Path, min_mapq: int = 30) -> tuple[dict, dict, Counter]:
    """Sorted (plus, minus) 5' bases of fragments, 5' bases of single reads, by contig; and the accounting."""
    counts: Counter = Counter()
    names = defaultdict(list)
    pairs, singles = defaultdict(list), defaultdict(list)
    with pysam.AlignmentFile(path) as file:
        lengths = dict(zip(file.references, file.lengths, strict=True))
        reads = list(file.fetch(until_eof=True))
    paired = [
        read
        for read in reads
        if read.is_paired and not (read.is_secondary or read.is_supplementary or read.is_unmapped)
    ]
    numbered = all(read.query_name.endswith("/1" if read.is_read1 else "/2") for read in paired)
    for read in reads:
        counts["total"] += 1
        if read.is_secondary:
            counts["secondary"] += 1
        elif read.is_supplementary:
            counts["supplementary"] += 1
        elif read.is_unmapped:
            counts["unmapped"] += 1
        else:
            reason = _fails(read, min_mapq)
            if read.is_paired:
                names[read.query_name[:-2] if numbered else read.query_name].append((read, reason))
            elif reason is None:
                counts["single_end" if paired else "kept"] += 1
                singles[read.reference_name].append((cut(read, lengths), read.is_reverse))
            if reason is not None:
                counts[reason] += 1
    for found in names.values():
        mates = _mates(found)
        left = [each for each in found if not any(each in pair for pair in mates)]
        for (a, why_a), (b, why_b) in mates:
            if why_a is None and why_b is None:
                plus, minus = (b, a) if a.is_reverse else (a, b)
                ends = cut(plus, lengths), cut(minus, lengths)
                if a.is_reverse != b.is_reverse and ends[0] <= ends[1]:
                    pairs[a.reference_name].append(ends)
                    counts["kept"] += 2
                else:
                    counts["not_proper"] += 2
            elif why_a is None or why_b is None:
                counts["mate_failed"] += 1
        for read, why in left:
            others = [each for each in left if each[0] is not read]
            if why is not None:
                continue
            segments = {(each.is_read1, each.is_read2) for each, _ in left}
            if not others or (len(segments) == 1 and segments != {(False, False)}):
                counts["mate_missing"] += 1
            elif any(reason is not None for _, reason in left):
                counts["mate_failed"] += 1
            else:
                counts["not_proper"] += 1
    return (
        {contig: sorted(ends) for contig, ends in pairs.items()},
        {contig: sorted(ends) for contig, ends in singles.items()},
        counts,
    )


def _fails(read, min_mapq: int) -> str | None:
    if read.is_duplicate:
        return "duplicate"
    if read.is_qcfail:
        return "qc_failed"
    if read.mapping_quality < min_mapq:
        return "low_mapq"
    if read.is_paired and (not read.is_proper_pair or read.mate_is_unmapped):
        return "not_proper"
    return None


def _mates(found: list) -> list:
    """Mates among the reads of one name: by the positions they give, then the only two of a contig."""
    pairs, left = [], list(found)

    def may_be(a, b):
        return a.reference_id == b.reference_id and (a.is_read1, a.is_read2) != (b.is_read1, b.is_read2)

    for a, why_a in found:
        for b, why_b in found:
            told = (
                a.next_reference_id == b.reference_id
                and b.next_reference_id == a.reference_id
                and a.next_reference_start == b.reference_start
                and b.next_reference_start == a.reference_start
            )
            if (a, why_a) in left and (b, why_b) in left and a is not b and told and may_be(a, b):
                pairs.append(((a, why_a), (b, why_b)))
                left = [each for each in left if each[0] is not a and each[0] is not b]
    for contig in {read.reference_id for read, _ in left}:
        here = [each for each in left if each[0].reference_id == contig]
        if len(here) == 2 and may_be(here[0][0], here[1][0]):
            pairs.append((here[0], here[1]))
    return pairs


def cut(read, lengths: dict[str, int]) -> int:
    """The first sequenced base, clipped ones included."""
    operations = read.cigartuples or []
    clipped = 0
    for operation, n in reversed(operations) if read.is_reverse else operations:
        if operation not in (4, 5):
            break
        clipped += n
    end = read.reference_end if read.reference_end is not None else read.reference_start + 1
    place = end - 1 + clipped if read.is_reverse else read.reference_start - clipped
    return min(max(place, 0), lengths[read.reference_name] - 1)
