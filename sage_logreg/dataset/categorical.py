r"""
Categories: columns of levels as indicator variables

EXAMPLES::

    sage: from sage_logreg.dataset.categorical import Coding, Factor
    sage: coding = Coding((Factor('sex', ('female', 'male'), 'female', {'male': 'sex_male'}),), {'sex_male': 'sex'})
    sage: coding.factors[0].indicators
    {'male': 'sex_male'}
"""
import collections

# a column of levels; indicators is a dictionary from levels to the names of their variables, without that of the
# reference unless the factor is coded fully
Factor = collections.namedtuple('Factor', 'title levels reference indicators')
# all factors of data, and the titles of the columns by the names of their variables
Coding = collections.namedtuple('Coding', 'factors titles', defaults=((), {}))
