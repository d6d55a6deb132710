r"""
Large text tables, block by block: the grammar of :mod:`~sage_logreg.dataset.text` as one loop over the bytes

A block of whole lines becomes numbers and the places of texts in one pass, compiled by numba, several blocks at a time.
The loop knows the plain case only. At anything else (a comment, a doubled quote, text in a column of numbers, a row of
another length) it stops, :func:`read_blocks` returns ``None``, and the reader that knows lines and columns reads or explains.

ALGORITHM:

A decimal is `m 10^e`. Up to 15 digits and for `|e| \leq 22` both are floats, and one operation rounds correctly [Cli1990]_.
Else the product is computed in two floats, of which the first, `x`, is the result and the second, `r`, is what the decimal
has more, unless `r` is nearly half an ulp, where Python decides. The decimal is the shortest one for `x`, and so need not be
kept beside it, if no decimal of one digit less lies within half an ulp of `x`, and none of as many digits is nearer to it.

REFERENCES:

.. [Cli1990] W. D. Clinger, *How to read floating point numbers accurately*, PLDI 1990.

EXAMPLES::

    sage: from sage_logreg.dataset.text_blocks import read_block
    sage: block = read_block(b'34.6,no\nNA,yes\n', delimiter=',', mark='.', kinds='nt')
    sage: block.numbers, block.texts
    (array([[34.6],
           [ nan]]), [(array([0, 1]), [b'no', b'yes'])])
    sage: read_block(b'34.6,no\n"34.6"1,yes\n', delimiter=',', mark='.', kinds='nt') is None
    True
"""
import codecs
import collections
import concurrent.futures
import functools
import importlib.util
import itertools
import os
import sys
from fractions import Fraction

import numpy

from sage_logreg.dataset.exact_numbers import MOST_EXPONENT
from sage_logreg.dataset.table import MISSING
from sage_logreg.dataset.text_rows import LONGEST
from sage_logreg.support.interrupt import interrupts_held

# bytes of a block
BLOCK = 1 << 19
# from here on m takes no more digits; it fits into 64 bits
MOST_M = 10**17
# largest exponent of ten of a number that the loop computes
LARGEST = 250
# ends of lines and of cells
TAB, NEWLINE, RETURN, SPACE, QUOTE, HASH, PLUS, MINUS, POINT = b'\t\n\r "#+-.'

# for eight digits in a word
ONE, FOUR, EIGHT, SIXTEEN, THIRTY_TWO, SIXTY_THREE = map(numpy.uint64, (1, 4, 8, 16, 32, 63))
NOT_DIGITS, SIXES, THREES, DIGITS = (numpy.uint64(int(byte * 8, 16)) for byte in ('f0', '06', '33', '0f'))
DIGITS_OF_PAIRS, DIGITS_OF_FOURS = numpy.uint64(0x00ff00ff00ff00ff), numpy.uint64(0x0000ffff0000ffff)
FIRST_HASH, HASH_PRIME = map(numpy.uint64, (0xcbf29ce484222325, 0x100000001b3))
PAIRS, FOURS, EIGHTS = numpy.uint64(10 * 2**8 + 1), numpy.uint64(100 * 2**16 + 1), numpy.uint64(10000 * 2**32 + 1)


class Block:
    r"""
    What stands in a block of lines.

    - ``numbers`` -- float64 array of the columns of numbers, nan where one is missing
    - ``texts`` -- for each column of text which text each cell is, and the list of its different texts, as bytes
    - ``lines`` -- in which line of the block each row stands, counted from 0
    - ``newlines`` -- how many lines the block has
    - ``noted`` -- list of (row, column, text, value) of numbers that the loop has not computed
    - ``kept`` -- rows and columns of decimals that their floats do not print, and a function that returns them as text
    - ``long``, ``gaps`` -- for each column of numbers whether it has such decimals, and missing values
    """

    def __init__(self, numbers, texts, lines, newlines, noted, kept, long, gaps):
        self.numbers, self.texts, self.lines, self.newlines = numbers, texts, lines, newlines
        self.noted, self.kept, self.long, self.gaps = noted, kept, long, gaps


def has_numba():
    r"""
    Return whether numba is available; the loop takes eight digits at once as little-endian processors have them.
    """
    return sys.byteorder == 'little' and importlib.util.find_spec('numba') is not None


class Room:
    r"""
    Memory for a block and what stands in it, for one block after the other: the system gives out only what is written to.
    """

    def __init__(self, size, kinds):
        # whole words of eight bytes, and some more
        self.size, self.data = size, bytearray(size // 8 * 8 + 24)
        self.kinds = numpy.array(['nte'.index(kind) for kind in kinds])
        count, texts = kinds.count('n'), kinds.count('t')
        # no row has fewer bytes than this, nor has a number that is kept
        rows = size // max(len(kinds), 2) + 1
        self.numbers = numpy.empty((rows, count))
        self.spans = numpy.empty((rows if texts else 1, texts, 2), dtype=numpy.int64)
        self.lines = numpy.empty(rows, dtype=numpy.int64)
        self.flags = numpy.empty((size // 4 + 1, 4), dtype=numpy.int64)

    def read(self, length, delimiter, mark, checked, keep):
        r"""
        Return the :class:`Block` in the first bytes, whole lines of UTF-8; ``None`` if they need the other reader.
        """
        long, gaps = numpy.zeros((2, self.numbers.shape[1]), dtype=numpy.bool_)
        data, words = numpy.frombuffer(self.data, dtype=numpy.uint8)[:length], numpy.frombuffer(self.data, dtype=numpy.uint64)
        rows, newlines, flagged = _loop()(data, words, ord(delimiter), ord(mark), self.kinds, *_constants(),
                                          checked, keep, self.numbers, self.spans, self.lines, self.flags, long, gaps)
        if rows < 0:
            return None
        numbers, noted, flags = self.numbers[:rows], [], self.flags[:flagged]
        known = flags[:, 1] >= 0
        for row, column, start, end in flags[~known].tolist():
            # too large, too small or too near the middle of two floats for the loop
            text = self.data[start:end].decode().replace(mark, '.')
            numbers[row, -1 - column] = value = float(text)
            noted.append((row, -1 - column, text, value))
        kept = self._kept(flags[known], length, mark)
        if kept is None:
            return None
        texts = [self._texts(numpy.ascontiguousarray(self.spans[:rows, t]), data) for t in range(self.spans.shape[1])]
        return Block(numbers, texts, self.lines[:rows], newlines, noted, kept, long, gaps)

    def _texts(self, spans, data):
        codes, firsts = numpy.empty((2, len(spans)), dtype=numpy.int64)
        # a power of two, at most half full
        slots = numpy.full(2 << len(spans).bit_length(), -1)
        count = _loop_of_texts()(data, spans, codes, firsts, slots)
        return codes, [bytes(self.data[start:end]) for start, end in spans[firsts[:count]].tolist()]

    def _kept(self, flags, length, mark):
        # Rows, columns, and a function that makes the texts: of many this would take longer than to read the block.
        if not len(flags):
            return flags[:, 0], flags[:, 1], list
        places = flags[:, 2:] - flags[0, 2]
        data = self.data[flags[0, 2]:flags[-1, 3]] if len(flags) > 1000 else None
        if (places[:, 1] - places[:, 0]).max() > MOST_EXPONENT:
            return None

        def texts(data):
            return [data[start:end].decode().replace(mark, '.') for start, end in places.tolist()]
        if data is None:
            cells = texts(self.data[flags[0, 2]:length])
            return flags[:, 0], flags[:, 1], lambda: cells
        return flags[:, 0], flags[:, 1], lambda: texts(data)


def read_block(data, delimiter, mark, kinds, checked=True, keep=True):
    r"""
    Return the :class:`Block` in some bytes, ``None`` if they need the other reader.

    INPUT:

    - ``data`` -- bytes, whole lines of UTF-8, the end of the last one included
    - ``delimiter`` -- character, a blank for any number of them
    - ``mark`` -- the decimal mark
    - ``kinds`` -- string with a character a column, ``n`` for numbers, ``t`` for text, ``e`` for nothing at all
    - ``checked`` -- whether to find decimals that their floats do not print
    - ``keep`` -- whether to return those, or only in which columns they stand
    """
    room = Room(len(data), kinds)
    room.data[:len(data)] = data
    return room.read(len(data), delimiter, mark, checked, keep)


def read_blocks(file, encoding, first, size, delimiter, mark, kinds, written, bar=None):
    r"""
    Return numbers, texts and lines of a whole file; ``None`` if it needs the other reader.

    INPUT:

    - ``file`` -- binary file, at its begin
    - ``encoding`` -- name of its encoding
    - ``first`` -- line of the first row
    - ``size`` -- how many bytes the file may have, roughly
    - ``delimiter``, ``mark``, ``kinds`` -- as for :func:`read_block`
    - ``written`` -- a :class:`~sage_logreg.dataset.exact_numbers.WrittenDecimals`, ``None`` if decimals are not kept
    - ``bar`` -- function to call after each block

    OUTPUT: the array of the columns of numbers but the last column of all, that one (``None`` if it is text), as it is most often
    the label and no point; for each column of text its codes and a dictionary from texts (bytes) to
    codes, the line of every row, and for each column of numbers whether values are missing

    EXAMPLES::

        sage: from sage_logreg.dataset.text_blocks import read_blocks
        sage: import io
        sage: read_blocks(io.BytesIO(b'a,y\n1,no\n2.5,yes\n3,no\n'), 'utf-8', 2, 23, ',', '.', 'nt', None)[:3]
        (array([[1. ],
               [2.5],
               [3. ]]),
         None,
         [(array([0, 1, 0], dtype=int32), {b'no': 0, b'yes': 1})])
    """
    parts, rooms, waiting = _Parts(kinds, written), [], collections.deque()
    workers = max(1, min(4, len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1))
    with interrupts_held():
        _loop()
        if 't' in kinds:
            _loop_of_texts()
    filled = _fill_rooms(file, encoding, first, kinds, rooms)
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        try:
            for room, length in itertools.chain(filled, itertools.repeat((None, 0))):
                if room is not None:
                    keep = written is not None and not written.is_full
                    waiting.append((room, length, pool.submit(room.read, length, delimiter, mark, written is not None, keep)))
                if not waiting:
                    return parts.whole(first)
                if room is None or len(waiting) > workers:
                    room, length, result = waiting.popleft()
                    block = result.result()
                    if block is None:
                        return None
                    parts.add(block, length, size)
                    rooms.append(room)
                    if bar is not None:
                        bar()
        finally:
            for *_, result in waiting:
                result.cancel()


class _Parts:
    # The blocks of a file, put together.

    def __init__(self, kinds, written):
        self.written, self.rows, self.bytes, self.newlines, self.lines = written, 0, 0, 0, []
        self.columns = [j for j, kind in enumerate(kinds) if kind == 'n']
        # the last column of all stands apart: the label, most often
        self.first = len(self.columns) - kinds.rstrip('e').endswith('n')
        self.numbers, self.last = numpy.empty((0, self.first)), numpy.empty(0) if self.first < len(self.columns) else None
        self.gaps = numpy.zeros(len(self.columns), dtype=numpy.bool_)
        self.texts = [([], collections.defaultdict(itertools.count().__next__)) for _ in range(kinds.count('t'))]

    def add(self, block, length, size):
        count = len(block.numbers)
        self.bytes += length
        if self.rows + count > len(self.numbers):
            # as many rows as the file has if it goes on like this; a part that is not used takes no memory
            self._resize(int((self.rows + count) * max(1.3, 1.01 * size / self.bytes)) + 1)
        self.numbers[self.rows:self.rows + count] = block.numbers[:, :self.first]
        if self.last is not None:
            self.last[self.rows:self.rows + count] = block.numbers[:, self.first]
        self.gaps |= block.gaps
        for (codes, index), (places, texts) in zip(self.texts, block.texts):
            codes.append(numpy.array([index[text] for text in texts], dtype=numpy.int32)[places])
        if self.written is not None:
            for row, column, text, value in block.noted:
                self.written.note(self.rows + row, self.columns[column], text, value)
            rows, columns, texts = block.kept
            self.written.keep(self.rows + rows, numpy.take(self.columns, columns), texts)
            self.written.columns_seen.update(numpy.take(self.columns, numpy.flatnonzero(block.long)).tolist())
        self.lines.append(block.lines + self.newlines)
        self.rows += count
        self.newlines += block.newlines

    def _resize(self, rows):
        if self.rows:
            self.numbers.resize((rows, self.first), refcheck=False)
            if self.last is not None:
                self.last.resize(rows, refcheck=False)
        else:
            self.numbers, self.last = numpy.empty((rows, self.first)), None if self.last is None else numpy.empty(rows)

    def whole(self, first):
        self._resize(self.rows)
        lines = numpy.concatenate(self.lines or [numpy.empty(0, dtype=numpy.int64)]) + first
        # lines without a gap are but two numbers
        if self.rows and lines[-1] - lines[0] == self.rows - 1:
            lines = range(int(lines[0]), int(lines[-1]) + 1)
        return self.numbers, self.last, [(numpy.concatenate(codes), dict(index)) for codes, index in self.texts], lines, self.gaps


def _fill_rooms(file, encoding, first, kinds, rooms):
    # Rooms with whole lines of UTF-8, and how many bytes they are, from the line on in which the first row stands.
    rest, skip, ended = b'', first - 1, False
    decoder = None if encoding in ('utf-8', 'utf-8-sig') else codecs.getincrementaldecoder(encoding)()
    start = True
    while not ended:
        room = rooms.pop() if rooms else Room(BLOCK + BLOCK // 8, kinds)
        if decoder is None and not skip and not start and len(rest) < room.size // 8:
            # straight to where it is needed
            room.data[:len(rest)] = rest
            length = file.readinto(memoryview(room.data)[len(rest):room.size])
            ended = not length
            length += len(rest)
        else:
            data = file.read(BLOCK)
            ended = not data
            if decoder is not None:
                data = decoder.decode(data, ended).encode()
            if start:
                data, start = data.removeprefix(codecs.BOM_UTF8), False
            while skip and data:
                _, newline, data = data.partition(b'\n')
                skip -= len(newline)
            data = rest + data
            length = len(data)
            if length > room.size:
                room = Room(length, kinds)
            room.data[:length] = data
        if ended and length:
            room.data[length:length + 1] = b'\n'
            length += 1
        cut = room.data.rfind(b'\n', 0, length) + 1
        rest = bytes(room.data[cut:length])
        if cut:
            yield room, cut
        else:
            rooms.append(room)


@functools.lru_cache(maxsize=None)
def _constants():
    # Powers of ten, each the sum of two floats; texts of missing values as numbers.
    high, low = [], []
    for exponent in range(-300, 301):
        power = Fraction(10) ** exponent
        high.append(float(power))
        low.append(float(power - Fraction(high[-1])))
    short = [int.from_bytes(text.encode(), 'big') for text in MISSING]
    return numpy.array(high), numpy.array(low), numpy.array(sorted(short))


@functools.lru_cache(maxsize=None)
def _loop():
    import numba
    from numba.extending import register_jitable
    for helper in (_eight_digits, _number, _rounded, _after_blanks, _is_end, _end_of_cell, _is_in):
        register_jitable(helper)
    # compiled for one signature, and here, not by the threads at their first call
    numbers, counts, flags = numba.float64[::1], numba.int64[::1], numba.boolean[::1]
    signature = (numba.uint8[::1], numba.uint64[::1], numba.int64, numba.int64, counts, numbers, numbers, counts, numba.boolean,
                 numba.boolean, numba.float64[:, ::1], numba.int64[:, :, ::1], counts, numba.int64[:, ::1], flags, flags)
    return numba.njit([signature], nogil=True, cache=True, error_model='numpy')(_rows)


@functools.lru_cache(maxsize=None)
def _loop_of_texts():
    import numba
    counts = numba.int64[::1]
    return numba.njit([(numba.uint8[::1], numba.int64[:, ::1], counts, counts, counts)], nogil=True, cache=True)(_number_texts)


def _number_texts(data, spans, codes, firsts, slots):
    # Number the different texts in the order in which they come, and return how many there are: a hash table of rows.
    count, last = 0, len(slots) - 1
    for row in range(len(spans)):
        start, stop = spans[row, 0], spans[row, 1]
        # Fowler, Noll and Vo's hash
        key = FIRST_HASH
        for k in range(start, stop):
            key = (key ^ numpy.uint64(data[k])) * HASH_PRIME
        slot = numpy.int64(key ^ key >> THIRTY_TWO) & last
        while True:
            first = slots[slot]
            if first < 0:
                slots[slot], firsts[count], codes[row] = row, row, count
                count += 1
                break
            other = spans[first, 0]
            if spans[first, 1] - other == stop - start:
                k = 0
                while k < stop - start and data[start + k] == data[other + k]:
                    k += 1
                if k == stop - start:
                    codes[row] = codes[first]
                    break
            slot = slot + 1 & last
    return count


# The loop. Every block ends with the end of a line, at which all that runs along the bytes stops

def _rows(data, words, delimiter, mark, kinds, high, low, missing, checked, keep, numbers, spans, lines, flags, long, gaps):
    # Return how many rows, lines and flags there are; -1 rows where the other reader is needed.
    place, end, row, line, flagged = 0, len(data), 0, 0, 0
    while place < end:
        place = _after_blanks(data, place, delimiter)
        if data[place] == RETURN and data[place + 1] == NEWLINE:
            place += 1
        if data[place] == NEWLINE:
            place, line = place + 1, line + 1
            continue
        if data[place] == HASH:
            return -1, line, 0
        number = text = 0
        for column in range(len(kinds)):
            kind = kinds[column]
            start = stop = place
            is_number = False
            if kind == 0:
                quoted = data[place] == QUOTE
                begin = place + quoted
                m, exponent, more, stop = _number(data, words, begin, mark)
                place = stop
                is_number = stop > begin
                if quoted and is_number:
                    is_number = data[place] == QUOTE
                    place += is_number
                if is_number:
                    after = _after_blanks(data, place, delimiter)
                    is_number = _is_end(data, after, delimiter) or delimiter == SPACE and after > place
                    start, place = begin, after
                if not is_number:
                    place = start
            if is_number:
                value, known, longer = _rounded(m, exponent, more, high, low, checked)
                numbers[row, number] = -value if data[start] == MINUS else value
                if known and longer:
                    long[number] = True
                if not known or longer and keep:
                    flags[flagged, 0], flags[flagged, 1] = row, number if known else -1 - number
                    flags[flagged, 2], flags[flagged, 3] = start, stop
                    flagged += 1
                number += 1
            else:
                start, stop, place = _end_of_cell(data, place, delimiter)
                if place < 0:
                    return -1, line, 0
                if kind == 1:
                    spans[row, text, 0], spans[row, text, 1] = start, stop
                    text += 1
                else:
                    key = 0
                    for k in range(start, min(stop, start + 5)):
                        key = key * 256 + data[k]
                    if stop - start > 4 or not _is_in(key, missing) or kind == 2 and stop > start:
                        return -1, line, 0
                    if kind == 0:
                        numbers[row, number], gaps[number] = numpy.nan, True
                        number += 1
            if place - start > LONGEST:
                return -1, line, 0
            is_last = column == len(kinds) - 1
            if data[place] == NEWLINE or data[place] == RETURN:
                if not is_last or not _is_end(data, place, delimiter):
                    return -1, line, 0
            elif is_last:
                return -1, line, 0
            elif data[place] == delimiter and delimiter != SPACE:
                place = _after_blanks(data, place + 1, delimiter)
        place += data[place] == RETURN
        lines[row] = line
        place, row, line = place + 1, row + 1, line + 1
    return row, line, flagged


def _after_blanks(data, place, delimiter):
    while data[place] == SPACE or data[place] == TAB and delimiter != TAB:
        place += 1
    return place


def _is_in(key, keys):
    for other in keys:
        if key == other:
            return True
    return False


def _is_end(data, place, delimiter):
    return data[place] == delimiter or data[place] == NEWLINE or data[place] == RETURN and data[place + 1] == NEWLINE


def _end_of_cell(data, place, delimiter):
    # Where a cell's text begins and ends, without quotes and blanks, and where the next cell or line begins; -1 if unclear.
    start = place
    if data[place] == QUOTE:
        start = _after_blanks(data, place + 1, 0)
        place += 1
        while data[place] != QUOTE:
            if data[place] < SPACE and data[place] != TAB or data[place] == 127:
                return 0, 0, -1
            place += 1
        stop, place = place, place + 1
        after = _after_blanks(data, place, delimiter)
        if not _is_end(data, after, delimiter) and not (delimiter == SPACE and after > place):
            return 0, 0, -1
        place = after
    else:
        while not _is_end(data, place, delimiter):
            if data[place] < SPACE and data[place] != TAB or data[place] == 127 or data[place] == QUOTE:
                return 0, 0, -1
            if data[place] == TAB and delimiter == SPACE:
                break
            if data[place] == HASH and place > start and (data[place - 1] == SPACE or data[place - 1] == TAB):
                return 0, 0, -1
            place += 1
        stop = place
        if delimiter == SPACE:
            # a comment after a row of numbers
            if data[start] == HASH:
                return 0, 0, -1
            place = _after_blanks(data, place, delimiter)
    while stop > start and (data[stop - 1] == SPACE or data[stop - 1] == TAB):
        stop -= 1
    return min(start, stop), stop, place


def _number(data, words, place, mark):
    # m and its exponent of ten, whether digits but zeros are left out, and where the number ends: at its begin if it is none.
    begin = place
    place += data[place] == PLUS or data[place] == MINUS
    m, exponent, dropped, more, first = 0, 0, 0, False, place
    while 48 <= data[place] <= 57:
        digit = int(data[place]) - 48
        if m < MOST_M:
            m = 10 * m + digit
        else:
            dropped += 1
            more |= digit > 0
        place += 1
    digits = place - first
    if data[place] == mark:
        first = place = place + 1
        while m < 10**9:
            eight = _eight_digits(words, place)
            if eight < 0:
                break
            m, place = 10**8 * m + eight, place + 8
        exponent = first - place
        while 48 <= data[place] <= 57:
            digit = int(data[place]) - 48
            if m < MOST_M:
                m = 10 * m + digit
                exponent -= 1
            else:
                more |= digit > 0
            place += 1
        digits += place - first
        # a comma stands before a digit
        if mark != POINT and place == first:
            return 0, 0, False, begin
    if digits == 0:
        return 0, 0, False, begin
    exponent += dropped
    if data[place] == 101 or data[place] == 69:
        place += 1
        minus = data[place] == MINUS
        place += minus or data[place] == PLUS
        if not 48 <= data[place] <= 57:
            return 0, 0, False, begin
        power = 0
        while 48 <= data[place] <= 57:
            power = min(10 * power + int(data[place]) - 48, 1 << 20)
            place += 1
        exponent += -power if minus else power
    return m, exponent, more, place


def _eight_digits(words, place):
    # The number of eight digits from a place on, -1 if they are not all digits: all at once, in pairs, fours and eights.
    at, shift = place >> 3, numpy.uint64((place & 7) << 3)
    word = words[at] >> shift | words[at + 1] << ONE << SIXTY_THREE - shift
    if word & NOT_DIGITS | (word + SIXES & NOT_DIGITS) >> FOUR != THREES:
        return -1
    word = (word & DIGITS) * PAIRS >> EIGHT
    word = (word & DIGITS_OF_PAIRS) * FOURS >> SIXTEEN
    return numpy.int64((word & DIGITS_OF_FOURS) * EIGHTS >> THIRTY_TWO)


def _rounded(m, exponent, more, high, low, checked):
    # m 10^exponent as a float, whether it is known to be the nearest one, and whether its shortest decimal may be another.
    if m < 10**15 and -22 <= exponent <= 22:
        return m * high[300 + exponent] if exponent >= 0 else m / high[300 - exponent], True, False
    if m == 0:
        return 0.0, True, False
    while not more and m % 10 == 0:
        m, exponent = m // 10, exponent + 1
    if not -LARGEST <= exponent <= LARGEST:
        return 0.0, False, checked
    first, power = float(m), high[300 + exponent]
    # the product in two floats, exact but for its last digits: Dekker's, with the factors split in halves
    product = first * power
    t = 134217729.0 * first
    a = t - (t - first)
    t = 134217729.0 * power
    b = t - (t - power)
    rest = ((a * b - product) + a * (power - b) + (first - a) * b) + (first - a) * (power - b)
    rest += first * low[300 + exponent] + float(m - int(first)) * power
    x = product + rest
    r = rest - (x - product)
    # Rump's successor and predecessor
    above = x + x * 1.1102230246251568e-16
    below = x - x * 1.1102230246251568e-16
    half = (above - x) / 2
    margin = half * 1e-9
    if above - x != x - below or abs(r) > half - margin or more and r + power > half - margin:
        return x, False, checked
    if not checked or m < 10**15:
        return x, True, False
    # how far x is nearer to it than to others of as many digits, and how far those of one digit less are away from x
    last = m % 10
    clear = min(power / 2 - abs(r), abs(r - last * power) - half, abs(r + (10 - last) * power) - half)
    return x, more or abs(clear) > margin, more or clear <= 0
