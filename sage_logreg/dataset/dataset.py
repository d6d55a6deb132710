r"""
The data in the form that everything else works on

EXAMPLES::

    sage: from sage_logreg import ex2data1, load_data
    sage: ex2data1()
    100 points in x1, x2: 60 with y = 1, 40 with y = 0
    sage: load_data(matrix(QQ, [[1/2, 0], [3/2, 1]]))
    2 points in x1: 1 with y = 1, 1 with y = 0
"""
import copy
import functools
import operator

import numpy

from sage_logreg.dataset.beside import column_of
from sage_logreg.dataset.categorical import Coding, Factor
from sage_logreg.dataset.design import Design
from sage_logreg.dataset.exact_numbers import ExactNumbers
from sage_logreg.dataset.labels import place_of_label
from sage_logreg.dataset.sparse import dense_points, is_sparse
from sage_logreg.support.arguments import entries, listed, shown, whole_number
from sage_logreg.support.constants import signs


def _exact_too(name):
    # A property that holds numbers as floats, and beside it as they were given: rationals are for proofs.
    def store(data, numbers):
        setattr(data, f'_{name}', None if numbers is None else numpy.asarray(numbers, dtype=numpy.float64))
        setattr(data, f'exact_{name}', numbers)

    return property(operator.attrgetter(f'_{name}'), store)


class Dataset:
    r"""
    Points with labels, of two classes or more. :func:`~sage_logreg.dataset.load.load_data` makes and checks them.

    - ``points`` -- float64 array (float32 if requested), m x n, one row per point, in the user's units; a CSR matrix of
      SciPy's, where they stay sparse (see :mod:`sage_logreg.dataset.sparse`)
    - ``exact`` -- the points exactly, an :class:`~sage_logreg.dataset.exact_numbers.ExactNumbers`
    - ``labels`` -- float64 array of m numbers of classes, from 0 on; of two classes, zeros and ones
    - ``variables`` -- tuple of n strings, the names of the columns
    - ``label_name`` -- string, the name of the label's column, ``'y'`` if it has none
    - ``label_names`` -- the values that the labels had in the source, the one for 0 first
    - ``features`` -- (default: ``None``) a :class:`~sage_logreg.dataset.features.Features`:
      the expressions that the weights belong to, in place of the variables
    - ``weights`` -- (default: ``None``, each once) float64 array, how often each row counts
    - ``offset`` -- (default: ``None``, zeros) float64 array that is added to the log-odds of the rows; of K > 2 classes m x K
    - ``intercept`` -- (default: ``True``) whether a model of the data has a bias
    - ``successes``, ``trials`` -- (default: ``None``) of grouped data, as they were given, one of each per group; the
      rows are then the groups with successes, followed by those with failures, and ``weights`` has the counts. Of K > 2 classes
      ``successes`` are k x K, the counts of all classes, and the rows stand class by class
    - ``coding`` -- a :class:`~sage_logreg.dataset.categorical.Coding`: which variables are levels of which factor
    - ``formula`` -- (default: ``None``) the text of the formula that the features were given by
    - ``row_numbers`` -- (default: ``None``, all rows) int array, the rows of the source that these are, counted from 0
    - ``dropped`` -- (default: 0) how many rows of the source were dropped for missing values
    - ``beside`` -- (default: none) the columns of the source that are neither label nor variables, a dictionary from titles; see
      :meth:`column`

    EXAMPLES::

        sage: from sage_logreg import load_data
        sage: data = load_data([[1, 2, 'no'], [3, 4, 'yes'], [5, 1, 'no']], variables='a, b')
        sage: data
        3 points in a, b: 1 with y = 'yes', 2 with y = 'no'; P(y = 'yes') is modelled
        sage: data.points
        array([[1., 2.],
               [3., 4.],
               [5., 1.]])
        sage: data.labels
        array([0., 1., 0.])
        sage: data.variables, data.label_names
        (('a', 'b'), ('no', 'yes'))
        sage: len(data)
        3
    """

    # whether the rows are not in memory
    is_chunked = False

    # where nothing stood beside the variables
    beside = {}

    weights, offset = _exact_too('weights'), _exact_too('offset')

    def __init__(self, points, labels, variables, label_name='y', label_names=(0, 1), features=None, weights=None,
                 offset=None, successes=None, trials=None, place=None, exact=None, coding=None, formula=None,
                 row_numbers=None, dropped=0, intercept=True, beside=None):
        self.points = points
        self.exact = ExactNumbers(points) if exact is None else exact
        if features is not None and is_sparse(points):
            # they are written out, as features are of most rows not zero
            self._write_out('features')
            points = self.points
        self.labels = labels
        self.variables = variables
        self.label_name = label_name
        self.label_names = label_names
        self.features = features
        if coding is not None:
            self.coding = coding
        self.formula, self.row_numbers, self.dropped = formula, row_numbers, dropped
        if beside:
            self.beside = beside
        self.weights, self.offset, self.successes, self.trials = weights, offset, successes, trials
        if features is None:
            self.design = Design(points, variables, self.exact, intercept=intercept)
        else:
            values = features.checked_values(points, place or self.place, points.dtype)
            self.design = Design(values, features.names, self.exact, features, intercept)

    @functools.cached_property
    def coding(self):
        r"""
        Which variables are levels of which factor; where nobody has said so, none is.
        """
        return Coding.of_variables(self.variables)

    @property
    def intercept(self):
        r"""
        Whether a model of the data has a bias.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: load_data([[1, 0], [3, 1]]).intercept, load_data([[1, 0], [3, 1]], intercept=False).intercept
            (True, False)
        """
        return self.design.intercept

    def __len__(self):
        return len(self.labels)

    def __eq__(self, other):
        r"""
        Return whether two datasets have the same numbers, names and features.

        EXAMPLES::

            sage: from sage_logreg import ex2data1, load_data
            sage: ex2data1() == ex2data1(), ex2data1() == load_data(ex2data1(), variables='a, b')
            (True, False)

        TESTS::

            sage: TestSuite(ex2data1()).run()
            sage: x1 = var('x1')
            sage: TestSuite(load_data([[1, 0], [3, 1]], features=[x1, x1^2])).run()
            sage: len({ex2data1(), ex2data1()})
            1
        """
        if not isinstance(other, Dataset):
            return NotImplemented
        return self is other or (
            (self.variables, self.label_name, self.label_names, self.features, self.intercept, self.points.dtype, self.coding.columns)
            == (other.variables, other.label_name, other.label_names, other.features, other.intercept, other.points.dtype,
                other.coding.columns)
            and self.exact == other.exact and numpy.array_equal(self.labels, other.labels)
            and all(map(numpy.array_equal, self.of_rows().values(), other.of_rows().values())))

    def __hash__(self):
        return hash((self.variables, self.label_names, self.points.shape))

    def __repr__(self):
        # the class that is modelled comes first, where there are two
        order = (1, 0) if self.classes == 2 else range(self.classes)
        counts = self._rows_of_classes()
        texts = [f'{counts[label]} with {self.label_text(label)}' for label in order]
        return f'{len(self)} points in {self.model_text()}: {listed(texts, "classes")}{self.modelled_text()}{self.dropped_text()}'

    def _rows_of_classes(self):
        return numpy.bincount(self.labels.astype(int), minlength=self.classes)

    @property
    def classes(self):
        r"""
        The number of classes, at least two.

        EXAMPLES::

            sage: from sage_logreg import ex2data1, penguins
            sage: ex2data1().classes, penguins(label='species').classes
            (2, 3)
        """
        return len(self.label_names)

    @property
    def is_plain(self):
        r"""
        Whether the labels are 0 and 1 and have no name, so that nobody asks which of them is modelled.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: load_data([[1, 0], [2, 1]]).is_plain, load_data({'x': [1, 5], 'y': [False, True]}).is_plain
            (True, False)
        """
        # False and True are equal to 0 and 1
        return self.label_name == 'y' and [repr(name) for name in self.label_names] == ['0', '1']

    def modelled_text(self):
        r"""
        Return which label's probability is modelled, empty where that is a plain y = 1, or those of all classes are.
        """
        return '' if self.is_plain or self.classes > 2 else f'; P({self.label_text(1)}) is modelled'

    def unseen(self):
        r"""
        Return in words the classes of which there is no point, or none whose weight is positive; empty if there is none.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: data = load_data([[1, 'a'], [2, 'b'], [3, 'c'], [4, 'b']], label=-1)
            sage: data.unseen(), data.take(slice(1, 3)).unseen(), data.take(slice(1)).unseen()
            ('', "y = 'a'", "y = 'b', 'c'")
        """
        missing = [repr(self.label_names[label]) for label in numpy.flatnonzero(self._counts_of_classes() == 0)]
        return f'{self.label_name} = {listed(missing, "classes")}' if missing else ''

    def _counts_of_classes(self):
        # not zero of those of which a row counts
        return numpy.bincount(self.labels[self.rows_that_count()].astype(int), minlength=self.classes)

    def dropped_text(self):
        r"""
        Return how many rows were dropped for missing values, empty if none was.
        """
        return f'; {self.dropped} row{"s" * (self.dropped > 1)} dropped for missing values' if self.dropped else ''

    def place(self, row):
        r"""
        Return where a row stood in the source, in words, counted from 1.

        INPUT:

        - ``row`` -- number of a row of these data, from 0 on

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: load_data([[None, 0], [2, 0], [3, 1]], missing='drop').place(0)
            'the data, row 2'
        """
        return f'the data, row {(row if self.row_numbers is None else self.row_numbers[row]) + 1}'

    def column(self, title):
        r"""
        Return a column of the source by its title, also one that is no variable, a list of one value a row.

        Columns that are no variables are kept of a table that is loaded into memory and is not very large; not of data in chunks, nor of a saved
        model.

        EXAMPLES::

            sage: from sage_logreg import penguins
            sage: data = penguins(formula='sex ~ body_mass_g')
            sage: data.column('island')[:2], data.column('body_mass_g')[:2], data.column('sex')[:2]
            (['Torgersen', 'Torgersen'], [3750.0, 3800.0], ['male', 'female'])

        TESTS::

            sage: data.column('islands')
            Traceback (most recent call last):
            ...
            ValueError: the data have no column 'islands' (is it 'island'?); expected one of body_mass_g, sex, species, island, bill_length_mm, bill_depth_mm, flipper_length_mm, year
        """
        return column_of(self, title)

    def dense(self, what):
        r"""
        Return the data with their points as an array, for what needs it; an error says that they are too many.

        EXAMPLES::

            sage: from scipy.sparse import csr_matrix
            sage: from sage_logreg.dataset.dataset import Dataset
            sage: import numpy
            sage: data = Dataset(csr_matrix([[0.0, 1.0], [2.0, 0.0]]), numpy.array([0.0, 1.0]), ('x1', 'x2'))
            sage: data.dense('separation').points
            array([[0., 1.],
                   [2., 0.]])
        """
        if not self.design.is_sparse:
            return self
        dense = copy.copy(self)
        dense._write_out(what)
        dense.design = Design(dense.points, self.variables, dense.exact, intercept=self.intercept)
        return dense

    def _write_out(self, what):
        self.points = dense_points(self.points, what)
        self.exact = ExactNumbers(self.points, self.exact.kinds, self.exact.columns, self.exact.lost)

    def of_rows(self):
        r"""
        Return what rows or groups have besides points and labels, a dictionary of arrays or ``None``.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: load_data([[1, 0], [3, 1]], weights=[2, 1]).of_rows()
            {'offset': None, 'successes': None, 'trials': None, 'weights': array([2., 1.])}
        """
        return {name: getattr(self, name) for name in ('weights', 'offset', 'successes', 'trials')}

    def total(self):
        r"""
        Return the number of points, counted with their weights, as a ``float``.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: load_data([[1, 0], [3, 1]], weights=[2, 1/2]).total()
            2.5
        """
        return float(len(self)) if self.weights is None else float(self.weights.sum())

    def relative_weights(self):
        r"""
        Return the weights divided by their mean, so that a mean over the rows becomes one over the points.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: load_data([[1, 0], [3, 1]], weights=[3, 1]).relative_weights()
            array([1.5, 0.5])
        """
        return None if self.weights is None else self.weights * (len(self) / self.total())

    def counted(self):
        r"""
        Return the data without the rows whose weight is zero.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: load_data([[1, 0], [2, 1], [3, 1]], weights=[1, 1, 0]).counted()
            2 points in x1: 1 with y = 1, 1 with y = 0
        """
        if self.weights is None:
            return self
        rows = self.rows_that_count()
        return self if len(rows) == len(self) else self.take(rows)

    def rows_that_count(self):
        r"""
        Return the numbers of the rows whose weight is not zero, an array.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: load_data([[1, 0], [2, 1], [3, 1]], weights=[1, 0, 1]).rows_that_count()
            array([0, 2])
        """
        # exact ones may be too small for a float
        return numpy.arange(len(self)) if self.weights is None else numpy.flatnonzero(signs(self.exact_weights))

    def take(self, rows):
        r"""
        Return the data of some rows, without their groups; all classes remain, as a model of them all expects, also those without rows.

        INPUT:

        - ``rows`` -- a slice, a list or array of the rows' numbers (those below 0 count from the end), or one of as many truth values
          as there are rows

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: ex2data1().take(slice(10))
            10 points in x1, x2: 6 with y = 1, 4 with y = 0

        The other classes are left out by :meth:`of_classes`::

            sage: from sage_logreg import digits
            sage: data = digits()
            sage: data.take(data.labels < 2).of_classes()
            360 images of 8 x 8 pixels: 178 with y = 0, 182 with y = 1

        TESTS::

            sage: ex2data1().take([1000])
            Traceback (most recent call last):
            ...
            ValueError: rows[0] = 1000; expected a whole number from -100 to 99
            sage: ex2data1().take(3)
            Traceback (most recent call last):
            ...
            TypeError: rows = 3; expected a slice, a list of row numbers, or 100 truth values
        """
        rows = _checked_rows(rows, len(self))
        taken = copy.copy(self)
        taken.labels, taken.design = self.labels[rows], self.design.take(rows)
        taken._take_points(rows)
        taken.weights, taken.offset = (None if numbers is None else numbers[rows]
                                       for numbers in (self.exact_weights, self.exact_offset))
        taken.successes = taken.trials = None
        taken.beside = {title: column.take(numpy.arange(len(self))[rows]) for title, column in self.beside.items()}
        taken.row_numbers = (numpy.arange(len(self)) if self.row_numbers is None else self.row_numbers)[rows]
        return taken

    def of_classes(self, *labels):
        r"""
        Return the data of some classes alone, which are then all that a model knows.

        INPUT:

        - ``labels`` -- (default: those that rows have) at least two labels, in the order that they are to have

        EXAMPLES::

            sage: from sage_logreg import penguins
            sage: penguins(label='species', variables='bill_length_mm').of_classes('Gentoo', 'Adelie')
            274 points in bill_length_mm: 151 with species = 'Adelie', 123 with species = 'Gentoo'; P(species = 'Adelie') is modelled; ...

        TESTS::

            sage: penguins(label='species').of_classes('Gentoo')
            Traceback (most recent call last):
            ...
            ValueError: there is one class, species = 'Gentoo'; expected at least two different labels
        """
        places = [place_of_label(label, self) for label in labels] or numpy.unique(self.labels).astype(int).tolist()
        if len(places) < 2:
            raise ValueError(f'there is {f"one class, {self.label_text(places[0])}" if places else "no row"}; expected at least two different '
                             'labels')
        for place in places:
            if places.count(place) > 1:
                raise ValueError(f'{self.label_text(place)} is given twice; expected different labels')
        if places == list(range(self.classes)):
            return self
        data = self.take(numpy.isin(self.labels, places))
        number = numpy.zeros(self.classes)
        number[places] = numpy.arange(len(places))
        data.labels = number[data.labels.astype(int)]
        data.label_names = tuple(self.label_names[place] for place in places)
        data.offset = _offset_of(data.exact_offset, places)
        return data

    def check_all_there(self, among='points'):
        r"""
        Raise an error that names the classes without points, if there are any.

        TESTS::

            sage: from sage_logreg import penguins
            sage: data = penguins(label='species', variables='bill_length_mm')
            sage: data.take(data.labels > 0).check_all_there()
            Traceback (most recent call last):
            ...
            ValueError: there are no points with species = 'Adelie'; expected some of each of the 3 classes, or of_classes() of the data, which leaves out those without
        """
        unseen = self.unseen()
        if unseen:
            raise ValueError(f'there are no {among} with {unseen}; expected some of each of the {self.classes} classes, or '
                             'of_classes() of the data, which leaves out those without')

    def _take_points(self, rows):
        # The points where those of the design have been taken.
        self.points = self.design.points if self.features is None else self.points[rows]
        self.exact = self.exact.take(rows)

    def without_features(self):
        r"""
        Return the data without features: the model has a weight for each variable.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: x1 = var('x1')
            sage: data = load_data([[1, 0], [3, 1]], features=[x1, x1^2])
            sage: data, data.without_features()
            (2 points in x1 (2 features): 1 with y = 1, 1 with y = 0, 2 points in x1: 1 with y = 1, 1 with y = 0)
        """
        plain = copy.copy(self)
        plain.features = plain.formula = None
        plain.design = Design(self.points, self.variables, self.exact, intercept=self.intercept)
        return plain

    def with_intercept(self, intercept):
        r"""
        Return the data of a model with or without a bias.

        INPUT:

        - ``intercept`` -- ``True`` or ``False``

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: ex2data1().with_intercept(False)
            100 points in x1, x2 (no intercept): 60 with y = 1, 40 with y = 0
        """
        if intercept == self.intercept:
            return self
        other = copy.copy(self)
        other.design = copy.copy(self.design)
        other.design.intercept = intercept
        return other

    def log_odds(self, weights):
        r"""
        Return the log-odds of all rows at ``weights``, with the offset, as an array.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: import numpy
            sage: load_data([[1, 0], [3, 1]], offset=[0, 10]).log_odds(numpy.array([1.0, 2.0]))
            array([ 3., 17.])
        """
        z = self.design.log_odds(weights)
        return z if self.offset is None else z + self.offset

    def model_text(self):
        r"""
        Return what a model of these data is in: its variables, how many features, and whether there is no intercept.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: x1 = var('x1')
            sage: load_data([[1, 0], [3, 1]]).model_text(), load_data([[1, 0], [3, 1]], features=[x1^2]).model_text()
            ('x1', 'x1 (1 feature)')
        """
        count = 0 if self.features is None else len(self.features.names)
        facts = [f'{count} feature{"s" * (count > 1)}'] * bool(count) + ['no intercept'] * (not self.intercept)
        return listed(self._columns(), 'variables') + f' ({", ".join(facts)})' * bool(facts)

    def _columns(self):
        # the variables, with the levels of each factor in place of its indicators
        return [str(column) if isinstance(column, Factor) else column.variable for column in self.coding.columns]

    def label_text(self, label):
        r"""
        Return what a label, a number from 0 on, is called, for legends and messages.

        EXAMPLES::

            sage: from sage_logreg import load_data
            sage: load_data([[1, 'no'], [3, 'yes']]).label_text(1)
            "y = 'yes'"
        """
        return f'{self.label_name} = {self.label_names[label]!r}'

    def plot(self, variables=None, **options):
        r"""
        Return the points as a Sage ``Graphics``, one ``point`` primitive per class.

        INPUT:

        - ``variables`` -- (default: all) the one or two variables to draw
        - ``options`` -- any options of Sage's ``point`` (``size``, ``marker``,
          ``alpha``, ...) and of ``show`` (``figsize``, ``title``, ...); one of
          ``point`` that is a dictionary, from labels to values, gives classes their own

        OUTPUT: a ``Graphics``; of data in chunks 10,000 of the points, the same each time, as the title says; y = 1 is red, y = 0 is
        blue. More classes have
        colours and shapes that remain apart for the colour-blind, and in black
        and white; more than 10000 points are dots, of which with more than
        seven classes some carry the shape, as in the legend. Data in one variable are drawn at the heights 0, 1, ...

        EXAMPLES::

            sage: from sage_logreg import ex2data1
            sage: picture = ex2data1().plot(size=20)
            sage: picture
            Graphics object consisting of 2 graphics primitives
            sage: from sage_logreg import penguins
            sage: data = penguins(label='species', variables='bill_length_mm, body_mass_g')
            sage: data.plot(color={'Gentoo': 'teal'}, marker={'Gentoo': '*'})
            Graphics object consisting of 3 graphics primitives

        TESTS::

            sage: from sage_logreg import load_data
            sage: load_data([[1, 2, 3, 0], [4, 5, 6, 1]]).plot()
            Traceback (most recent call last):
            ...
            ValueError: the data have 3 variables (x1, x2, x3); say which two to draw, as variables=[x1, x2]
        """
        from sage_logreg.plot.points import plot_points
        return plot_points(self, variables, **options)


def _checked_rows(rows, count):
    # As an index of arrays.
    if isinstance(rows, slice):
        return rows
    given = rows if isinstance(rows, numpy.ndarray) and rows.ndim == 1 else entries(rows)
    expected = f'expected a slice, a list of row numbers, or {count} truth values'
    if given is None:
        raise TypeError(f'rows = {shown(rows)}; {expected}')
    array = numpy.asarray(given)
    if array.dtype == bool:
        if len(array) != count:
            raise ValueError(f'rows has {len(array)} truth values; {expected}')
        return array
    if array.dtype.kind not in 'iu' or len(array) and (array.min() < -count or array.max() >= count):
        return numpy.array([whole_number(f'rows[{place}]', row, -count, count - 1) for place, row in enumerate(given)], dtype=int)
    return array


def _offset_of(offset, places):
    # The offset of some classes; of two it is that of the log-odds of the second one.
    if offset is None:
        return None
    if offset.ndim == 1:
        return offset if places == [0, 1] else -offset
    return offset[:, places[1]] - offset[:, places[0]] if len(places) == 2 else offset[:, places]
