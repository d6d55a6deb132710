r"""
Loading: from a file, a frame, a matrix or rows to a checked Dataset

:func:`load_data` is the one entrance: everything else in the package works on
the :class:`~sage_logreg.dataset.dataset.Dataset` that it returns, whose numbers are
finite floats and whose labels are the numbers of classes from 0 on, all present.

1. :func:`~sage_logreg.dataset.source.read_source` reads a source to a table of named columns.
2. :mod:`~sage_logreg.dataset.roles` finds the label and the variables, and the rows without missing cells.
3. :mod:`~sage_logreg.dataset.categorical` turns factors into indicator variables.

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: load_data(matrix(QQ, [[1/2, 0], [3/2, 1]]))
    2 points in x1: 1 with y = 1, 1 with y = 0
"""
import copy

import numpy

from sage_logreg.dataset.assembly import Asked, assembled, checked_features, plan_of
from sage_logreg.dataset.dataset import Dataset
from sage_logreg.dataset.exact_numbers import checked_exact, numbers_taken_as
from sage_logreg.dataset.formula import parse_formula
from sage_logreg.dataset.grouped import row_offset, row_weights
from sage_logreg.dataset.in_chunks.chunked import load_chunks
from sage_logreg.dataset.in_chunks.sources import chunks_of
from sage_logreg.dataset.names import variable_names
from sage_logreg.dataset.source import read_source
from sage_logreg.support.arguments import listed, shown
from sage_logreg.support.interrupt import interrupts_explained


@interrupts_explained('load_data: interrupted before the data were read')
def load_data(source, label=None, variables=None, formula=None, features=None, categorical=(), reference=None, positive=None,
              missing='error', weights=None, offset=None, intercept=None, encoding=None, header=None, dtype='float64', exact=None):
    r"""
    Return the checked :class:`Dataset` from a file, a matrix, rows, a pair or a triple.

    INPUT:

    - ``source`` -- one of

      * the path of a text table (``.csv``, ``.tsv``, ``.txt``, also compressed; :mod:`~sage_logreg.dataset.text` states
        its grammar), of a ``.parquet``, ``.feather``, Excel or Stata file,
      * a frame (pandas, polars, PyArrow), a dictionary of columns, a NumPy structured array,
      * a Sage matrix over any ring whose elements are real numbers, a SciPy sparse matrix; sparse matrices, and frames
        with sparse columns, of more than a million entries, of which at most a tenth is not zero, stay sparse
        (:mod:`sage_logreg.dataset.sparse`): their numbers are the floats,
      * a list of rows (lists, tuples, vectors) of Sage or Python numbers and text, a NumPy array of any real type,
      * a pair ``(points, labels)`` of a table without the label and the labels
        (in one variable the table may be a flat list); NumPy arrays of the
        right type are used as they are, not copied,
      * grouped data: a triple ``(points, successes, trials)`` of k points and k numbers of each; of any number of classes a pair
        ``(points, counts)`` with a table (array, matrix, rows, frame) of k counts for each class, a column a class. The columns of
        counts have the names of the classes, else these are 0, 1, ...; two columns need names, and the first one is of the
        successes unless they say no and yes,
      * data in chunks, which stay where they are: a directory or a pattern of files (``'rows/*.parquet'``, ``'*.csv.gz'``) in the order of
        their names, the numbers in them by size; a Dask frame or array, a pair or a triple of these; and by itself a Parquet
        file, a text table or a frame that would be larger than half of the memory,
      * a :class:`Dataset`

    - ``label`` -- (default: the last column) the column of the labels: its title, or its position, from 0 or from the end; of
      grouped data a list of the columns of counts, one for each class

    - ``variables`` -- (default: all other columns) where the columns have titles: those that are variables; else names for
      the columns, which are ``x1``, ``x2``, ... without. A list of strings or of symbolic variables, or one string such as
      ``'x1, x2'``. A first column that only counts or names the rows is left out by default, with a warning

    - ``formula`` -- (default: none) what the model is, as the field writes it: ``'survived ~ age + sex*pclass + log(fare)'``;
      in place of ``label``, ``variables`` and ``features``, see :mod:`~sage_logreg.dataset.formula`

    - ``features`` -- (default: the variables themselves) list of expressions in
      the data's variables; a model of the data is linear in them. No feature may be
      constant, which the bias is

    - ``categorical`` -- (default: columns of text or booleans) more columns that are factors, such as numbers that are
      names. A factor has an indicator variable, such as ``sex_male``, for each level but its reference

    - ``reference`` -- (default: the first level, sorted or in the order of a Categorical) dictionary from factors to
      reference levels

    - ``positive`` -- (default: 1, ``True`` or yes; else the second label, sorted or in the order of a Categorical) which
      label counts as 1; of more than two labels, which one comes last (default: they are in order)

    - ``missing`` -- ``'error'`` (default) refuses missing values, ``'drop'`` drops the rows that have any

    - ``weights`` -- (default: ones) m numbers at least 0: how often each row counts, or the title of a column of them; not
      with grouped data. Those beside data in chunks can be Dask's

    - ``offset`` -- (default: zeros) m numbers that are added to the log-odds, or the title of a column; k for grouped data. With
      K > 2 labels a table (matrix, array, rows, frame) of m x K numbers, or a list of K titles, in the order of ``label_names``

    - ``encoding`` -- (default: UTF-8) of a text table, such as ``'shift_jis'``

    - ``header`` -- (default: by the grammar of text tables) whether the first row of a text table is a header

    - ``dtype`` -- (default: ``'float64'``) ``'float32'`` keeps the points in
      half the memory; weights and costs are float64 all the same

    - ``exact`` -- (default: ``'decimal'`` for text tables, ``'binary'`` for others) what floats stand for where
      something is decided or proved: ``'decimal'``, the shortest decimal that has this float, and in a text table the
      decimal as it is written; or ``'binary'``, the number that the float is. Exact numbers (integers, rationals,
      Python's ``Fraction`` and ``Decimal``, algebraic numbers, constants such as `\pi`) stay exact, unless ``'binary'``
      is given. Training takes floats in either case

    - ``intercept`` -- (default: ``True``, and for a :class:`Dataset` as it is) whether models of the data have a bias;
      without it the log-odds are `w_1 x_1 + ... + w_n x_n`, and a model has n weights

    OUTPUT: a :class:`Dataset`. With grouped data the groups that have successes come first, with the label 1, followed by
    those that have failures; with counts of K > 2 classes class by class, and ``successes`` are k x K counts

    Rows, columns and lines in error messages are counted from 1.

    Of data in chunks, a :class:`~sage_logreg.dataset.in_chunks.chunked.ChunkedDataset`, a first pass finds labels and levels, a second one checks
    all numbers; errors name file and row, or line. What differs from data in memory:

    - all files have the same columns, in any order; text tables are laid out (delimiter, decimal mark, header) as the first file is,
      and are divided at ends of lines that are not within quotes; compressed ones are a chunk each
    - a column is refused that has text in one file and numbers in another, as are more than 10000 levels or 1000 numbers as labels
    - whether a first column counts or names the rows is decided by the first chunk
    - the rows are not in memory: ``sample()`` and ``in_memory()`` of the data give ordinary data of some or all rows

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: load_data([[1, 2, 0], [sqrt(2), 1/3, 1]])
        2 points in x1, x2: 1 with y = 1, 1 with y = 0
        sage: load_data((matrix(RDF, [[1, 2], [3, 4]]), vector(ZZ, [-1, 1])))
        2 points in x1, x2: 1 with y = 1, 1 with y = -1; P(y = 1) is modelled

    Grouped data, three doses with 0, 4 and 9 successes in ten trials each::

        sage: data = load_data(([[1], [2], [3]], [0, 4, 9], [10, 10, 10]))
        sage: data
        5 points in x1: 2 with y = 1, 3 with y = 0
        sage: data.weights, data.trials
        (array([ 4.,  9., 10.,  6.,  1.]), array([10., 10., 10.]))

    Counts of three classes at two doses, from a table of them, from columns, or in a formula::

        sage: load_data(([[1], [2]], matrix([[5, 1, 0], [2, 2, 3]]))).weights
        array([5., 2., 1., 2., 3.])
        sage: table = {'dose': [1, 2], 'none': [5, 2], 'mild': [1, 2], 'severe': [0, 3]}
        sage: data = load_data(table, label=['none', 'mild', 'severe'])
        sage: data
        5 points in dose: 2 with y = 'none', 2 with y = 'mild', 1 with y = 'severe'
        sage: load_data(table, formula='cbind(none, mild, severe) ~ dose') == data
        True
        sage: data.successes, data.trials
        (array([[5., 1., 0.],
               [2., 2., 3.]]), array([6., 7.]))

    Large data in half the memory::

        sage: load_data([[1, 2, 0], [3, 4, 1]], dtype='float32').points.dtype
        dtype('float32')

    Numbers that no float is stay exact, for what is decided or proved; floats can be taken as decimals::

        sage: load_data([[1/3, 0], [0.1, 1]]).exact.rows([0, 1]).tolist()
        [[Fraction(1, 3)], [Fraction(3602879701896397, 36028797018963968)]]
        sage: load_data([[1/3, 0], [0.1, 1]], exact='decimal').exact.rows([1]).tolist()
        [[Fraction(1, 10)]]

    A table with text and missing values, the label not last::

        sage: path = tmp_filename(ext='.csv')
        sage: with open(path, 'w') as file:
        ....:     _ = file.write('survived,age,sex\nyes,34,female\nno,,male\nno,60,male\nyes,19,male\nno,23,female\n')
        sage: data = load_data(path, label='survived', missing='drop')
        sage: data
        4 points in age, sex (female, male): 2 with survived = 'yes', 2 with survived = 'no'; P(survived = 'yes') is modelled; 1 row dropped for missing values
        sage: data.variables, data.row_numbers
        (('age', 'sex_male'), array([0, 2, 3, 4]))
        sage: load_data(path, label='survived')
        Traceback (most recent call last):
        ...
        ValueError: ...csv, line 3, column 2: the value is missing (in all: 1 in age); expected none, or missing='drop', which ...

    Names can be symbolic variables, and features expressions in them::

        sage: height, weight = var('height, weight')
        sage: data = load_data([[1, 2, 0], [3, 4, 1]], variables=[height, weight], features=[weight/height^2])
        sage: data
        2 points in height, weight (1 feature): 1 with y = 1, 1 with y = 0
        sage: data.design.points  # abs tol 1e-15
        array([[2.        ],
               [0.44444444]])

    Models without a bias, of these data::

        sage: load_data([[1, 2, 0], [3, 4, 1]], intercept=False)
        2 points in x1, x2 (no intercept): 1 with y = 1, 1 with y = 0

    A directory of Parquet files, whose rows stay there::

        sage: import os, pandas
        sage: folder = tmp_dir()
        sage: for k, sexes in enumerate(['ffmm', 'dmfd']):
        ....:     frame = pandas.DataFrame({'age': [34r + k, 60r, 23r, 19r], 'sex': list(sexes), 'ill': ['no', 'yes', 'yes', 'no']})
        ....:     frame.to_parquet(os.path.join(folder, f'part-{k}.parquet'))
        sage: data = load_data(folder)
        sage: data
        8 points in age, sex (d, f, m): 4 with ill = 'yes', 4 with ill = 'no'; P(ill = 'yes') is modelled, in 2 chunks
        sage: data.sample(3).points.shape
        (3, 3)
        sage: data.in_memory() == load_data(os.path.join(folder, '*.parquet')).in_memory()
        True

    Dask's frames and arrays::

        sage: import dask.dataframe                                                                            # optional - dask
        sage: load_data(dask.dataframe.from_pandas(frame, npartitions=2r), formula='ill ~ age')               # optional - dask
        4 points in age: 2 with ill = 'yes', 2 with ill = 'no'; P(ill = 'yes') is modelled, in 2 chunks
        sage: import dask.array, numpy                                                                         # optional - dask
        sage: points = dask.array.arange(6r, chunks=2r).reshape(3r, 2r)                                        # optional - dask
        sage: load_data((points, numpy.array([0r, 1r, 0r])), weights=[1, 2, 1])                                # optional - dask
        3 points in x1, x2: 1 with y = 1, 2 with y = 0, in 3 chunks

    TESTS::

        sage: load_data([[1, 2, 0], [3, 4, 1]], intercept='no')
        Traceback (most recent call last):
        ...
        TypeError: intercept = 'no'; expected True or False
        sage: load_data([[1, 2, 0], [3, 1]])
        Traceback (most recent call last):
        ...
        ValueError: the rows, row 2 has 2 columns; expected 3 as in row 1
        sage: load_data(matrix(CC, [[1, I, 0], [2, 3, 1]]))
        Traceback (most recent call last):
        ...
        ValueError: the matrix, row 1, column 2: 1.00000000000000*I is not a real number
        sage: load_data(42)
        Traceback (most recent call last):
        ...
        TypeError: 42 is not data; expected a path, a matrix, rows, an array, a frame or a pair (points, labels)
        sage: x1 = var('x1')
        sage: load_data([[1, 0], [-3, 1]], features=[x1, log(x1)])
        Traceback (most recent call last):
        ...
        ValueError: the rows, row 2: the feature log(x1) is undefined at x1 = -3.0
        sage: load_data([[1, 0], [2, 1], [3, 1]], weights=[1, 0, 0])
        Traceback (most recent call last):
        ...
        ValueError: weights: all points with y = 1 have the weight 0; expected some of each label to count
        sage: load_data(([[1], [2]], [1, 2], [10, 4]), weights=[1, 1])
        Traceback (most recent call last):
        ...
        ValueError: weights and grouped data are the same thing; expected one of them
        sage: load_data(([[1], [2]], [[1, 2, 0], [3, 1, 0]]))
        Traceback (most recent call last):
        ...
        ValueError: counts: those of 2 are all 0; expected some of each class
        sage: load_data(([[1], [2]], [[1, 2], [3, 1]]))
        Traceback (most recent call last):
        ...
        ValueError: the labels have 2 columns; expected one label a point, or for successes and failures a triple (points, successes,
        trials)
    """
    exact = checked_exact(exact)
    if str(dtype) not in ('float64', 'float32'):
        raise ValueError(f"dtype = {shown(dtype)}; expected 'float64' or 'float32'")
    if intercept is not None and not isinstance(intercept, (bool, numpy.bool_)):
        raise TypeError(f'intercept = {shown(intercept)}; expected True or False')
    if isinstance(source, Dataset):
        _refuse_for_dataset(label=label, categorical=categorical or None, reference=reference, positive=positive, encoding=encoding,
                            header=header)
        if source.is_chunked:
            return _with_more_in_chunks(source, variables, formula, features, weights, offset, intercept, exact)
        return _with_more(source, variables, formula, features, weights, offset, intercept, exact)
    asked = Asked(label, variables, formula, features, categorical, reference, positive, missing, weights, offset, intercept,
                  str(dtype), exact)
    chunks = chunks_of(source, encoding, header, exact)
    if chunks is not None:
        return load_chunks(chunks, asked)
    source = read_source(source, encoding=encoding, header=header, exact=exact)
    return assembled(source, plan_of(source, asked))


# More of data that are loaded

def _refuse_for_dataset(**given):
    for name, value in given.items():
        if value is not None:
            raise ValueError(f'{name} = {shown(value)}, but the data are loaded already; expected {name} where they are loaded from '
                             'their source')


def _with_more(data, variables, formula, features, weights, offset, intercept, exact):
    # The dataset with other names or features, or with weights and an offset that it does not have yet.
    if formula is not None:
        features, intercept, formula = _features_of_formula(data, variables, formula, features, intercept)
    if all(argument is None for argument in (variables, formula, features, exact)):
        if weights is not None or offset is not None:
            data = copy.copy(data)
        data = data if intercept is None else data.with_intercept(bool(intercept))
        return _with_row_numbers(data, weights, offset, exact)
    names = data.variables if variables is None else variable_names(variables, len(data.variables))
    if names != data.variables and set(names) == set(data.variables):
        raise ValueError(f'variables = {listed(names)} are the names of the data in another order ({listed(data.variables)}): it would '
                         'either rename the columns or reorder them; expected new names')
    if features is not None:
        features = checked_features(features, names)
    elif names == data.variables:
        features, formula = (data.features, data.formula) if formula is None else (None, formula)
    elif data.features is not None:
        raise ValueError(f'the features of the data are in {listed(data.variables)}; expected features in '
                         f'{listed(names)} too')
    of_rows = {**data.of_rows(), 'weights': data.exact_weights, 'offset': data.exact_offset}
    new = Dataset(data.points, data.labels, names, data.label_name, data.label_names, features, **of_rows,
                  exact=data.exact.taken_as(exact), coding=data.coding if variables is None else data.coding.renamed(names),
                  formula=formula, row_numbers=data.row_numbers, dropped=data.dropped,
                  intercept=data.intercept if intercept is None else bool(intercept), beside=data.beside)
    return _with_row_numbers(new, weights, offset, exact)


def _with_more_in_chunks(data, variables, formula, features, weights, offset, intercept, exact):
    # What is decided of all rows is decided by the specimen.
    specimen = _with_more(data.plan.like, variables, formula, features, None, None, intercept, exact)
    if specimen is not data.plan.like:
        data = data.like(specimen, exact=data.plan.asked.exact if exact is None else exact)
    return data if weights is None and offset is None else data.with_beside(weights, offset)


def _features_of_formula(data, variables, text, features, intercept):
    # The features that a formula in the columns of loaded data stands for.
    for name, given in (('variables', variables), ('features', features)):
        if given is not None:
            raise ValueError(f'{name} = {shown(given)} and formula = {shown(text)}; expected one of them')
    titles = [column.title for column in data.coding.columns]
    counted = [] if data.trials is None else sorted(map(str, data.label_names))
    formula = parse_formula(text, [*titles, data.label_name, *counted], data.label_name, left_out=counted,
                            levels=[factor.title for factor in data.coding.factors])
    formula.label = sorted(formula.label) if isinstance(formula.label, list) else formula.label
    formula.intercept = formula.intercept and intercept is not False and (data.intercept or bool(intercept))
    # of counts the classes are on the left
    if formula.label not in (None, data.label_name) and formula.label != counted:
        raise ValueError(f'formula = {shown(text)}: the label of the data is {data.label_name!r}; expected it on the left')
    lacking = [title for title in formula.categorical if not data.coding.is_factor(title)]
    lacking += [title for title, level in formula.reference.items()
                if data.coding.is_factor(title) and data.coding[title].reference != level]
    lacking += [title for title in formula.needs_full(data.coding) if not data.coding[title].is_full]
    if lacking:
        raise ValueError(f'formula = {shown(text)} needs other indicators of {listed(lacking)} than the data have; expected it where the '
                         'data are loaded from their source, as load_data(source, formula=...)')
    features = formula.features(data.coding)
    if features is None and formula.columns != titles:
        features = [name for title in formula.columns for name in data.coding[title].variables]
    return features, formula.intercept, formula.text


def _with_row_numbers(data, weights, offset, exact):
    # new data with the weights and the offset that a user gives, checked
    for name, given in (('weights', weights), ('offset', offset)):
        if given is not None and getattr(data, name) is not None:
            raise ValueError(f'the data have {name} already; expected them once')
    if weights is not None:
        data.weights = row_weights(numbers_taken_as(weights, exact), data.labels, data.label_text)
    if offset is not None:
        data.offset = row_offset(numbers_taken_as(offset, exact), len(data), data.classes)
    return data
