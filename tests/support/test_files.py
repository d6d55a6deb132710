r"""
Files are written whole or not at all, whoever else writes, and nothing is left over.
"""
import itertools
import os
import stat
import subprocess
import sys
import tempfile
import threading

import pytest

from sage_logreg import ex2data1, gradient_descent, load_model
from sage_logreg.support import files

from helpers import ROOT


def parts(folder):
    return [path for path in folder.iterdir() if path.name.endswith('.part')]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_threads_that_write_one_file_are_read_whole(tmp_path):
    path = tmp_path / 'model.json'
    models = [gradient_descent(ex2data1(), iterations=number) for number in (1, 100, 300)]
    models[0].save(path)
    ended, errors = threading.Event(), []

    def write(model):
        try:
            while not ended.is_set():
                model.save(path)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(model,)) for model in models]
    for thread in threads:
        thread.start()
    read = [load_model(path) for _ in range(60)]
    ended.set()
    for thread in threads:
        thread.join()
    assert not errors and all(model in models for model in read)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.lanes
def test_modes(tmp_path, monkeypatch):
    path, new = tmp_path / 'model.json', tmp_path / 'new.json'
    path.touch()
    while_written, mode_of = [], files._mode
    monkeypatch.setattr(files, '_mode', lambda path: [while_written.append(mode(part)) for part in parts(tmp_path)]
                        and mode_of(path))
    for kept in (0o600, 0o644, 0o660):
        path.chmod(kept)
        files.write_whole(str(path), b'text')
        assert mode(path) == kept
    before = os.umask(0o027)
    try:
        files.write_whole(str(new), b'text')
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert mode(new) == 0o640
    assert while_written == [0o600] * 4


def test_a_planted_link_is_not_followed(tmp_path, monkeypatch):
    path, precious = tmp_path / 'model.json', tmp_path / 'precious'
    precious.write_text('precious')
    (tmp_path / '.model.json.planted.part').symlink_to(precious)
    monkeypatch.setattr(tempfile, '_get_candidate_names', lambda: itertools.chain(['planted'] * 2, map(str, itertools.count())))
    files.write_whole(str(path), b'text')
    files.remove_leftovers(str(path))
    assert path.read_bytes() == b'text' and precious.read_text() == 'precious'
    assert parts(tmp_path) == [tmp_path / '.model.json.planted.part']


def test_what_a_killed_process_leaves_is_removed_at_the_next_start(tmp_path):
    path = tmp_path / 'run.json'
    gradient_descent(ex2data1(), iterations=10, checkpoint=path)
    path.chmod(0o640)
    before = path.read_bytes()
    program = f"""
import os, signal
from sage_logreg.support import files
files.os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
files.write_whole({str(path)!r}, b'half')
"""
    killed = subprocess.run([sys.executable, '-c', program], cwd=ROOT)
    left, = parts(tmp_path)
    assert killed.returncode < 0 and path.read_bytes() == before
    # what another process writes at this moment stays, whatever its number is
    descriptor, written = files._new_part(str(path))
    other = tmp_path / '.run.json.old.1234.part'
    other.touch()
    assert gradient_descent(ex2data1(), iterations=20, checkpoint=path).iterations() == 20
    assert set(map(str, parts(tmp_path))) == {written, str(other)}
    os.close(descriptor)
    gradient_descent(ex2data1(), iterations=20).save(path)
    assert parts(tmp_path) == [other] and mode(path) == 0o640


@pytest.mark.parametrize('name', ['y' * 240 + '.json', 'z' * 255, 'é' * 127], ids=['240', '255', 'wide'])
def test_long_names(name, tmp_path):
    path = tmp_path / name
    model = gradient_descent(ex2data1(), iterations=10, checkpoint=path)
    assert load_model(path) == model
    descriptor, part = files._new_part(str(path))
    # that of another file with nearly the same name is another's
    other, kept = files._new_part(str(tmp_path / (name[:-1] + 'x')))
    os.close(descriptor)
    os.close(other)
    gradient_descent(ex2data1(), iterations=20).save(path)
    assert parts(tmp_path) == [tmp_path / os.path.basename(kept)] and load_model(path).iterations() == 20


def test_paths_that_are_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'loop').symlink_to('loop')
    (tmp_path / 'file').touch()
    model = gradient_descent(ex2data1(), iterations=10)
    for name in ('a\0b', 'loop', 'file/x', 'x' * 256):
        for use in (model.save, load_model, lambda path: gradient_descent(ex2data1(), iterations=10, checkpoint=path)):
            with pytest.raises((ValueError, OSError), match=r'^[^\n\[]*; expected the path of a file$'):
                use(name)
    assert sorted(os.listdir()) == ['file', 'loop']


def test_a_write_that_fails(tmp_path, monkeypatch):
    def fails(descriptor):
        raise OSError(28, 'No space left on device')
    monkeypatch.setattr(files.os, 'fsync', fails)
    with pytest.raises(OSError, match='^[^\n]*model.json: No space left on device$'):
        gradient_descent(ex2data1(), iterations=10).save(tmp_path / 'model.json')
    assert not list(tmp_path.iterdir())
