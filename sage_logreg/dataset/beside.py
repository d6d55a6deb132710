r"""
Columns by their titles: of variables, of the label, and of what stood beside them in the source

Rows may belong together, as the trips of one person do; the column that says so is mostly no variable of the model.

EXAMPLES::

    sage: from sage_logreg import load_data
    sage: data = load_data({'nest': ['a', 'a', 'b'], 'mass': [3, 4, 5], 'sex': ['f', 'm', 'f']}, formula='sex ~ mass')
    sage: data.column('nest'), data.column('mass'), data.column('sex')
    (['a', 'a', 'b'], [3.0, 4.0, 5.0], ['f', 'm', 'f'])
"""
import numpy

from sage_logreg.dataset.categorical import Factor, nearest

# so many cells of columns that no model uses are kept with the data
MOST = 5 * 10**6


def columns_beside(table, taken, rows):
    r"""
    Return the columns of a table that have a title and are not among those taken, a dictionary; an empty one if they are large.

    INPUT:

    - ``table`` -- a :class:`~sage_logreg.dataset.table.Table`
    - ``taken`` -- places of columns
    - ``rows`` -- array of the rows that are kept, or ``None``

    TESTS::

        sage: from sage_logreg.dataset.beside import columns_beside
        sage: from sage_logreg.dataset.table import Column, Table
        sage: import numpy
        sage: table = Table('the frame', [Column('age', numpy.array([34.0, 60.0])), Column('fare', numpy.array([1.0, 2.0]))])
        sage: columns_beside(table, [0], None)['fare'].values()
        [1.0, 2.0]
    """
    titles = table.titles or []
    others = [place for place, title in enumerate(titles) if title is not None and place not in taken]
    if len(others) * len(table) > MOST:
        return {}
    return {str(titles[place]).strip(): table.column(place) if rows is None else table.column(place).take(rows) for place in others}


def column_of(data, title):
    r"""
    Return the column of a Dataset with this title, a list of one value a row; ``None`` where a cell is missing.
    """
    if data.is_chunked:
        raise ValueError(f'the data are in {len(data.chunks)} chunks, whose columns beside the variables are not kept; expected the values from their '
                         'source')
    name = str(title).strip()
    if name in data.beside:
        return data.beside[name].values()
    if name == data.label_name:
        return [data.label_names[label] for label in data.labels.astype(int).tolist()]
    points = dict(zip(data.variables, range(len(data.variables))))
    for column in data.coding.columns:
        if str(column.title).strip() == name:
            if isinstance(column, Factor):
                return _levels(column, [data.points[:, points[variable]] for variable in column.variables])
            name = column.variables[0]
    if name not in points:
        titles = [*dict.fromkeys([*(str(column.title) for column in data.coding.columns), data.label_name, *data.beside])]
        raise ValueError(f'the data have no column {title!r}{nearest(name, titles)}; expected one of {", ".join(titles)}')
    values = data.points[:, points[name]]
    return (values.toarray().ravel() if hasattr(values, 'toarray') else values).tolist()


def _levels(factor, indicators):
    # Which level each row has, by the indicators of all but the reference.
    columns = [column.toarray().ravel() if hasattr(column, 'toarray') else column for column in indicators]
    place = numpy.where(numpy.any(columns, axis=0), numpy.argmax(columns, axis=0), -1)
    levels = [*factor.indicators, factor.reference]
    return [levels[own] for own in place.tolist()]
