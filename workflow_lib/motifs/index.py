"""Motif occurrences by an index of the sequence's words: every one, sooner than by reading the sequence."""

import numpy as np

from workflow_lib.motifs import pwm

WORD = 10  # bases of an indexed word: 4^10 of them, about ten places each in 10 Mb
CHUNK = 8  # bases whose scores are looked up together
MARGIN = pwm.SAME  # bits that a sum in another order may differ by, and more

_CODE = np.zeros(256, dtype=np.uint8)  # whatever is not a base counts as A until the very end
_KNOWN = np.zeros(256, dtype=bool)
for _i, _base in enumerate("ACGT"):
    _CODE[ord(_base)], _KNOWN[ord(_base)] = _i, True


class WordIndex:
    """The places of all words of `WORD` bases of a text.

    Parameters
    ----------
    text : str
        Of upper-case A, C, G, T; any other letter is unknown.
    longest : int
        Columns of the longest matrix that will be asked for.
    """

    def __init__(self, text: str, longest: int):
        self.margin = longest + WORD + CHUNK
        """Unknown letters put before and after the text: no place looked at is outside."""
        letters = np.full(len(text) + 2 * self.margin, ord("N"), dtype=np.uint8)
        letters[self.margin : -self.margin] = np.frombuffer(text.encode("ascii"), dtype=np.uint8)
        self.code = _CODE[letters]
        unknown = np.flatnonzero(~_KNOWN[letters])
        self.clean = np.repeat(unknown, np.diff(unknown, prepend=-1)) - np.arange(letters.size)
        """Bases from each place to the next unknown one."""
        words = _words(self.code, WORD)[: letters.size - self.margin]
        self.chunks = _words(self.code, CHUNK).astype(np.uint16)
        self.first = np.concatenate([[0], np.cumsum(np.bincount(words, minlength=4**WORD))])
        """Where the places of each word begin in `places`."""
        # Radix sort, which numpy has for 16 bits: by the lower half, then by the upper.
        order = np.argsort(words.astype(np.uint16), kind="stable")
        self.places = order[np.argsort((words >> 16).astype(np.uint16)[order], kind="stable")]
        """Where each word is, in order of the words: those with one beginning are neighbours."""

    def find(self, matrix: np.ndarray, threshold: float) -> list[tuple[np.ndarray, np.ndarray]]:
        """Places and scores of all hits of a matrix: those on the plus, then those on the minus strand.

        Parameters
        ----------
        matrix : (4, length) array of log-odds weights
        threshold : float
            The lowest score that is a hit.

        Notes
        -----
        Works on deficits (best score minus score). The columns that decide most are a window of `WORD`; every
        word whose deficit there leaves the threshold in reach is looked up in the index, and its places are
        followed up in the other columns, `CHUNK` at a time. No hit is lost: a place drops out only when its
        deficit so far is too large. A motif shorter than a word has all words that begin with its own.
        """
        best = matrix.max(axis=0)
        deficits = best - matrix
        slack = float(best.sum()) - threshold + MARGIN
        length = matrix.shape[1]
        width = min(WORD, length)
        worth = np.concatenate([[0], np.cumsum(deficits.mean(axis=0))])
        start = int(np.argmax(worth[width:] - worth[: length - width + 1]))
        forward, reverse, missing = _near_words(deficits[:, start : start + width], slack)
        mirrored = pwm.reverse_complement(matrix)
        return [
            self._follow(matrix, forward, missing, start, width, slack, threshold),
            self._follow(mirrored, reverse, missing, length - start - width, width, slack, threshold),
        ]

    def _follow(self, matrix, words, missing, start, width, slack, threshold):
        """Hits of a matrix among the places of the words of its columns start to start + width."""
        length = matrix.shape[1]
        shift = 2 * (WORD - width)
        begin, end = self.first[words << shift], self.first[(words + 1) << shift]
        count = end - begin
        jump = np.repeat(begin - np.concatenate([[0], np.cumsum(count)[:-1]]), count)
        jump += np.arange(jump.size)
        place = self.places[jump] - start
        deficit = np.repeat(missing, count)
        deficits = matrix.max(axis=0) - matrix
        for left, right in ((0, start), (start + width, length)):
            for column in range(left, right, CHUNK):
                part = deficits[:, column : min(column + CHUNK, right)]
                looked_up = self.chunks[place + column] >> np.uint16(2 * (CHUNK - part.shape[1]))
                deficit += _sums(part)[looked_up]
                kept = np.flatnonzero(deficit <= slack)
                place, deficit = place[kept], deficit[kept]
        place = place[self.clean[place] >= length]
        score = np.zeros(place.size)
        for column in range(length):
            score += matrix[self.code[place + column], column]
        hit = score >= threshold
        return place[hit] - self.margin, score[hit]


def _words(code: np.ndarray, size: int) -> np.ndarray:
    """Each word of `size` bases as a number, the first base its highest digit."""
    words = np.zeros(code.size - size + 1, dtype=np.int32)
    for i in range(size):
        words = (words << 2) | code[i : i + words.size]
    return words


def _sums(deficits: np.ndarray) -> np.ndarray:
    """Total deficit of all words of these columns, by the word's number."""
    total = np.zeros(1)
    for column in deficits.T:
        total = (total[:, None] + column).ravel()
    return total


def _near_words(deficits: np.ndarray, slack: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Words whose deficit is at most `slack`, their reverse complements, and the deficits."""
    word, mirrored, total = np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1)
    bases = np.arange(4)
    for i, column in enumerate(deficits.T):
        total = (total[:, None] + column).ravel()
        kept = total <= slack
        total = total[kept]
        word = ((word << 2)[:, None] | bases).ravel()[kept]
        mirrored = (mirrored[:, None] | ((3 - bases) << (2 * i))).ravel()[kept]
    return word, mirrored, total
