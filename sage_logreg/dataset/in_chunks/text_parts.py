r"""
Text tables in parts: a large file is divided at ends of lines, and each part is read by the reader of whole files

How the text is laid out is decided once, at the beginning of the first file. A line that ends within quotes ends no part.

EXAMPLES::

    sage: import os
    sage: from sage_logreg.dataset.in_chunks.text_parts import text_chunks
    sage: path = os.path.join(tmp_dir(), 'a.csv')
    sage: with open(path, 'w') as file:
    ....:     _ = file.write('age,sex\n' + '34,"fe\nmale"\n'*3r)
    sage: chunks = text_chunks(path, None, None, None, size=10r)
    sage: [chunk.source().table.place(0r).partition('.csv, ')[2] for chunk in chunks]
    ['line 2', 'line 4', 'line 6']
"""
import contextlib
import copy
import dataclasses
import io

from sage_logreg.dataset.in_chunks.chunk import CHUNK, Chunk
from sage_logreg.dataset.in_chunks.parquet_chunks import check_titles_like
from sage_logreg.dataset.source import Source
from sage_logreg.dataset.text import read_laid_out
from sage_logreg.dataset.text_file import TextFile
from sage_logreg.dataset.text_layout import Layout
from sage_logreg.dataset.text_rows import LONGEST
from sage_logreg.support.warned import warn

# bytes in which ends of lines are counted at once
BLOCK, NEWLINE = 1 << 20, b'\n'


class TextPart(TextFile):
    r"""
    The lines of a text file from one byte on and before another one.
    """

    def __init__(self, whole, start, stop, above):
        vars(self).update(vars(whole))
        self.start, self.stop, self.above, self.size, self.is_small = start, stop, above, stop - start, False

    @contextlib.contextmanager
    def open(self):
        r"""
        Return a context with the file, and with the text in it, in bytes.
        """
        with open(self.path, 'rb') as raw:
            raw.seek(self.start)
            yield raw, io.BufferedReader(_Until(raw, self.stop))

    def bar(self, longest):
        r"""
        Return a context without a bar: many parts are read at once.
        """
        return contextlib.nullcontext()


class _Until(io.RawIOBase):
    # A file that ends at a byte.

    def __init__(self, raw, stop):
        self.raw, self.stop = raw, stop

    def readable(self):
        return True

    def readinto(self, room):
        return self.raw.readinto(memoryview(room)[:max(0, self.stop - self.raw.tell())])


@dataclasses.dataclass(frozen=True)
class TextChunk(Chunk):
    r"""
    Some lines of a text file, or all of a compressed one.

    - ``start``, ``stop`` -- bytes; ``stop`` is ``None`` where the whole file is read
    - ``above`` -- how many lines stand before the chunk
    - ``layout`` -- a :class:`~sage_logreg.dataset.text_layout.Layout` of these lines
    - ``titles`` -- of all columns, in the order of the first file
    """

    path: str
    start: int
    stop: int
    above: int
    encoding: str
    exact: str
    layout: Layout = dataclasses.field(compare=False, repr=False)
    titles: tuple = ()

    def source(self):
        r"""
        Return the rows, a :class:`~sage_logreg.dataset.source.Source`.
        """
        text = TextFile(self.path, self.encoding, is_whole=False)
        if self.stop is not None:
            text = TextPart(text, self.start, self.stop, self.above)
        table = read_laid_out(text, self.layout, self.exact)
        if self.titles[0] is not None and tuple(self.layout.titles) != self.titles:
            places = [self.layout.titles.index(title) for title in self.titles]
            table.columns, table.block = [table.columns[place] for place in places], None
        table.is_part = True
        return Source(table)


def text_chunks(path, encoding, header, exact, like=None, size=CHUNK):
    r"""
    Return the chunks of a text file.

    INPUT:

    - ``path`` -- string
    - ``encoding``, ``header``, ``exact`` -- as for :func:`~sage_logreg.dataset.text.read_text`
    - ``like`` -- (default: this is the first file) the chunk of a file before it, which has the same layout
    - ``size`` -- how many bytes a chunk has at most, but for its last line
    """
    text = TextFile(path, encoding, is_whole=False)
    with text.explained():
        layout = Layout(text, header) if like is None else _layout_like(like, text)
    for warning in layout.warnings:
        warn(warning, UserWarning)
    if layout.first is None:
        # a header alone
        return []
    # the cells that it was found by are not sent with every chunk
    layout.columns = None
    titles = tuple(layout.titles) if like is None else like.titles
    whole = TextChunk(text.name, 0, path, 0, None, 0, encoding, exact, layout, titles)
    # sixteen bits have other ends of lines
    if text.archive or text.size <= size or text.encoding.startswith(('utf-16', 'utf-32')) or _has_returns(text):
        return [whole]
    rest = copy.copy(layout)
    rest.above, rest.first, rest.has_separator = 0, 1, False
    return [dataclasses.replace(whole, start=start, stop=stop, above=above, layout=rest) for start, stop, above in
            _divided(text, layout.first - 1, size)]


def _has_returns(text):
    # whether lines end as on old Macintoshes
    with text.lines() as (_, lines):
        return next(lines)[1].endswith('\r')


def _layout_like(like, text):
    # The layout of another file, whose header and first row may stand elsewhere, and its columns in another order.
    layout, first = Layout(text, like.titles[0] is not None, like.layout.delimiter), like.layout
    if layout.width != first.width:
        raise ValueError(f'{text.name} has {layout.width} column{"s" * (layout.width > 1)}; expected {first.width}, as in the files '
                         'before it')
    check_titles_like(layout.titles, like.titles, text.name)
    kinds = None if first.kinds is None else dict(zip(first.titles, first.kinds)) if layout.titles[0] is not None else first.kinds
    if layout.kinds is not None and kinds is not None:
        layout.kinds = (kinds[:layout.width] if isinstance(kinds, str) else ''.join(kinds[title] for title in layout.titles)) \
            + 'e' * layout.trailing
    layout.mark = first.mark or layout.mark
    return layout


def _divided(text, lines_above, size):
    # The first byte of each part, the first one behind it, and how many lines stand before it.
    with open(text.path, 'rb') as file:
        start = place = sum(len(file.readline()) for _ in range(lines_above))
        above, lines, quotes = lines_above, lines_above, 0
        while True:
            is_full = place - start >= size
            block = file.readline() if is_full else file.read(min(BLOCK, size - (place - start)))
            if not block:
                break
            if b'\0' in block:
                raise ValueError(f'{text.name}, line {lines + block[:block.index(0)].count(NEWLINE) + 1} has null characters; expected a '
                                 'text table')
            place, lines, quotes = place + len(block), lines + block.count(NEWLINE), quotes + block.count(b'"')
            # within quotes a line that ends is no row that ends
            if is_full and quotes % 2 == 0:
                yield start, place, above
                start, above = place, lines
            elif place - start > 2 * size + LONGEST:
                raise ValueError(f'{text.name}, line {above + 1} and after: quotes that are not closed for {size} bytes; expected a text '
                                 'table that can be divided into parts where a line ends')
    if place > start:
        yield start, place, above
