r"""
Examples: tables that are installed with the package

EXAMPLES::

    sage: from sage_logreg import ex2data1, penguins
    sage: ex2data1()
    100 points in x1, x2: 60 with y = 1, 40 with y = 0
"""
import os

from sage_logreg.dataset.load import load_data


def ex2data1():
    r"""
    Return the worksheet's data: 100 applicants, two exam scores, admitted or not.

    OUTPUT: a :class:`Dataset` with the variables ``x1`` and ``x2``

    EXAMPLES::

        sage: from sage_logreg import ex2data1
        sage: data = ex2data1()
        sage: data
        100 points in x1, x2: 60 with y = 1, 40 with y = 0
        sage: data.points[0]
        array([34.62365962, 78.02469282])

    REFERENCES:

    The second programming exercise (logistic regression) of Andrew Ng's course
    *Machine Learning*, Stanford University and Coursera, 2011.
    """
    return load_data(data_file('ex2data1.txt'))


def ex2data2(features=None):
    r"""
    Return 118 microchips: two test results, accepted or not. Their boundary is a closed curve.

    INPUT:

    - ``features`` -- as for :func:`load_data`

    OUTPUT: a :class:`Dataset` with the variables ``x1`` and ``x2``

    EXAMPLES::

        sage: from sage_logreg import ex2data2, polynomial_features
        sage: ex2data2()
        118 points in x1, x2: 58 with y = 1, 60 with y = 0
        sage: x1, x2 = var('x1, x2')
        sage: ex2data2(features=polynomial_features(x1, x2, degree=6))
        118 points in x1, x2 (27 features): 58 with y = 1, 60 with y = 0

    REFERENCES:

    The second programming exercise (logistic regression) of Andrew Ng's course
    *Machine Learning*, Stanford University and Coursera, 2011.
    """
    return load_data(data_file('ex2data2.txt'), features=features)


def penguins(label=None, missing='drop', **reading):
    r"""
    Return 344 penguins near Palmer Station, Antarctica: species, island, four measurements, sex and year.

    INPUT:

    - ``label`` -- (default: that of a formula, else ``'sex'``) the column of the labels
    - ``missing`` -- (default: ``'drop'``) what to do with the 19 missing cells
    - ``reading`` -- the other options of :func:`~sage_logreg.dataset.load.load_data`

    OUTPUT: a :class:`~sage_logreg.dataset.dataset.Dataset`

    EXAMPLES::

        sage: from sage_logreg import penguins
        sage: penguins(variables='species, body_mass_g')
        333 points in species (Adelie, Chinstrap, Gentoo), body_mass_g: 168 with sex = 'male', 165 with sex = 'female'; P(sex = 'male') is modelled; 11 rows dropped for missing values
        sage: penguins(formula='species ~ body_mass_g + sex').label_names
        ('Adelie', 'Chinstrap', 'Gentoo')

    REFERENCES:

    K. B. Gorman, T. D. Williams and W. R. Fraser, *Ecological sexual dimorphism and environmental variability within a
    community of Antarctic penguins (genus Pygoscelis)*, PLoS ONE 9 (2014), no. 3, e90081. Data by the Palmer Station
    Long Term Ecological Research program, CC0.
    """
    has_label = isinstance(reading.get('formula'), str) and bool(reading['formula'].partition('~')[0].strip())
    if label is None and not has_label:
        label = 'sex'
    return load_data(data_file('penguins.csv'), label=label, missing=missing, **reading)


def data_file(name):
    r"""
    Return the path of a table that is installed with the package.

    EXAMPLES::

        sage: from sage_logreg.dataset.examples import data_file
        sage: data_file('penguins.csv').endswith('data/penguins.csv')
        True
    """
    # Installed, the tables lie inside the package; in a checkout (and so in an
    # editable install) they lie beside it.
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    inside = os.path.join(package, 'data', name)
    return inside if os.path.exists(inside) else os.path.join(os.path.dirname(package), 'data', name)
