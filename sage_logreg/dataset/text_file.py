r"""
The file of a text table: what is checked before it is read, its encoding, archives

EXAMPLES::

    sage: from sage_logreg.dataset.text_file import TextFile
    sage: path = tmp_filename(ext='.csv')
    sage: with open(path, 'w', encoding='shift_jis') as file:
    ....:     _ = file.write('男,170\n')
    sage: with TextFile(path, 'shift_jis').lines() as (_, lines):
    ....:     list(lines)
    [(1, '男,170\n')]
    sage: try:
    ....:     with (file := TextFile(path, None)).explained(), file.lines() as (_, lines):
    ....:         list(lines)
    ....: except ValueError as error:
    ....:     print(str(error).partition('line ')[2])
    1 is not UTF-8 text; expected a text table, saved as UTF-8, or its encoding: try encoding='shift_jis'
"""
import bz2
import codecs
import contextlib
import gzip
import io
import lzma
import os
import re
import zipfile
import zlib

from sage_logreg.dataset.text_rows import CONTROL
from sage_logreg.support.arguments import listed, shown
from sage_logreg.support.paths import checked_size, memory, shown_path
from sage_logreg.support.progress import progress_bar

# bytes that are looked at before reading
SAMPLE = 1 << 20
ARCHIVES = {'.gz': 'gzip', '.bz2': 'bzip2', '.xz': 'xz', '.zip': 'zip'}
DAMAGES = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, gzip.BadGzipFile, NotImplementedError, RuntimeError)


class TextFile:
    r"""
    A text file, perhaps compressed.

    - ``name`` -- for error messages
    - ``size`` -- in bytes, as it lies there
    - ``encoding`` -- as Python names it
    - ``archive`` -- what it is compressed by, ``None`` if it is not
    - ``above`` -- how many lines stand before the text, if it is a part of a file
    - ``is_small`` -- whether all of its text is in the sample that has been looked at
    """

    above = 0

    def __init__(self, path, encoding, is_whole=True):
        self.path = path = os.fspath(path)
        self.name = shown_path(path)
        self.archive = ARCHIVES.get(os.path.splitext(os.fsdecode(path))[1].lower())
        self.size, self.given = checked_size(path, 'a text table', 'a table, the label in the last column'), encoding
        with self.explained(), self.open() as (_, file):
            sample = file.read(SAMPLE)
            # a text of which it is all is not too large
            self.is_small = not file.read(1)
        self.encoding = self._encoding(sample)
        if not self.is_small and b'\n' not in sample and b'\r' not in sample:
            raise ValueError(f'{self.name}, line 1 is longer than {SAMPLE} bytes; expected a text table')
        # a file larger than the whole memory is not tried
        if is_whole and self.size > memory():
            raise self.too_large()

    def _encoding(self, sample):
        name, encoding = self.name, self.given
        if encoding is not None:
            try:
                found = codecs.lookup(encoding)
                encoding = found.name if found._is_text_encoding else None
            except (LookupError, TypeError, ValueError):
                encoding = None
            if encoding is None:
                raise ValueError(f"encoding = {shown(self.given)}; expected the name of an encoding, such as 'utf-8' or "
                                 "'shift_jis'")
            if sample.startswith(codecs.BOM_UTF8) and not encoding.startswith('utf-8'):
                raise ValueError(f'{name} begins with the mark of UTF-8, but encoding = {self.given!r}; expected no encoding')
        elif sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encoding = 'utf-16'
        if not sample:
            raise ValueError(f'{name} is empty; expected a table, the label in the last column')
        if b'\0' in sample and not (encoding or '').startswith(('utf-16', 'utf-32')):
            raise ValueError(f'{name} is a binary file; expected a text table')
        return 'utf-8-sig' if encoding in (None, 'utf-8') else encoding

    @contextlib.contextmanager
    def open(self):
        r"""
        Return a context with the file, and with the text in it, in bytes.
        """
        with open(self.path, 'rb') as raw:
            if self.archive is None:
                yield raw, raw
            elif self.archive == 'zip':
                with zipfile.ZipFile(raw) as archive, archive.open(self._member(archive)) as file:
                    yield raw, file
            else:
                with {'gzip': gzip.open, 'bzip2': bz2.open, 'xz': lzma.open}[self.archive](raw) as file:
                    yield raw, file

    def _member(self, archive):
        # macOS adds files of its own
        names = [entry for entry in archive.infolist() if not entry.is_dir() and not entry.filename.startswith('__MACOSX/')]
        if len(names) != 1:
            there = listed([entry.filename for entry in names], 'files') or 'no file'
            raise ValueError(f'{self.name} holds {there}; expected an archive of one text table')
        return names[0]

    @contextlib.contextmanager
    def lines(self):
        r"""
        Return a context with the file, and with the lines of the text and their numbers, counted from 1.
        """
        with self.open() as (raw, file), io.TextIOWrapper(file, self.encoding, newline='') as text:
            yield raw, enumerate(text, 1 + self.above)

    @contextlib.contextmanager
    def bar(self, longest):
        r"""
        Return a context with a bar for a file of more bytes, else with ``None``: small tables should not wait for tqdm.
        """
        if self.size <= longest:
            yield None
        else:
            with progress_bar(total=self.size, desc=os.path.basename(self.name), unit='B', unit_scale=True) as bar:
                yield bar

    def too_large(self):
        r"""
        Return the error of a file that does not fit into the memory.
        """
        return MemoryError(f'{self.name} ({self.size / 1e9:.1f} GB) is too large for the memory of this '
                           f'machine ({memory() / 1e9:.1f} GB); expected a table that fits')

    @contextlib.contextmanager
    def explained(self):
        r"""
        Return a context in which errors of decoding and of archives say where and what they are.
        """
        try:
            yield
        except UnicodeError:
            raise ValueError(self._undecodable()) from None
        except (*DAMAGES, OSError) as error:
            # OSError: what bzip2 and gzip raise
            if self.archive is None or isinstance(error, RecursionError):
                raise
            what = ' '.join(str(error).split()).rstrip('.') or 'it ends too early'
            raise ValueError(f'{self.name} is not a whole {self.archive} archive ({what}); expected a compressed text '
                             'table') from None

    def _undecodable(self):
        with self.open() as (_, file):
            data = file.read()
        line = 1 + self.above
        try:
            data.decode(self.encoding)
        except UnicodeDecodeError as error:
            line += len(re.findall('\r\n?|\n', data[:error.start].decode(self.encoding, 'ignore')))
        said = 'UTF-8' if self.encoding.startswith('utf-8') else self.encoding
        suggestion = _suggested_encoding(data, self.encoding)
        return (f'{self.name}, line {line} is not {said} text; expected a text table, saved as UTF-8'
                + (f', or its encoding: try encoding={suggestion!r}' if suggestion else ''))


def _suggested_encoding(data, tried):
    # The encoding in which bytes are text, Japanese before Western.
    for encoding in ('utf-8', 'shift_jis', 'cp932', 'euc_jp', 'cp1252'):
        if encoding == tried.removesuffix('-sig'):
            continue
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # accented letters would be rare kanji between Latin letters, and EUC's would be half-width kana
        strange = len(re.findall(r'[\uff61-\uff9f]|(?<=[a-z])[\u4e00-\u9fff]|[\u4e00-\u9fff](?=[a-z])', text))
        if encoding in ('utf-8', 'cp1252') or 2 * strange < len(re.findall(r'[\u3000-\u9fff\uff00-\uffef]', text)):
            return encoding if not CONTROL.search(text) else None
    return None
