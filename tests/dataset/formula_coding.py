r"""
What the columns of a frame mean to a formula, as far as tests of formulas need it
"""
import numpy
import pandas
from pandas.api.types import is_bool_dtype, is_numeric_dtype


class Coding:
    # Numeric columns are variables, others factors with levels in sorted or categorical order.

    def __init__(self, frame, formula):
        self.frame, self.formula, self.levels = frame, formula, {}
        for title in frame.columns:
            column = frame[title]
            if isinstance(column.dtype, pandas.CategoricalDtype):
                self.levels[title] = list(column.cat.categories)
            elif title in formula.categorical or is_bool_dtype(column) or not is_numeric_dtype(column):
                self.levels[title] = sorted(column.unique())
        self.names = {title: f'v{j}' for j, title in enumerate(frame.columns)}

    def is_factor(self, title):
        return title in self.levels

    def variable(self, title):
        return self.names[title]

    def indicators(self, title, full):
        reference = self.formula.reference.get(title, self.levels[title][0])
        return [f'{self.names[title]}_{j}' for j, level in enumerate(self.levels[title]) if full or level != reference]

    def values(self):
        # the values of all variables, by name
        values = {}
        for title, name in self.names.items():
            if title not in self.levels:
                values[name] = self.frame[title].to_numpy(dtype=float)
            for j, level in enumerate(self.levels.get(title, ())):
                values[f'{name}_{j}'] = (self.frame[title] == level).to_numpy(dtype=float)
        return values

    def columns(self):
        # The names of the variables as they stand without features.
        full = self.formula.needs_full(self)
        return [name for title in self.formula.columns
                for name in (self.indicators(title, title in full) if title in self.levels else [self.names[title]])]


def design(frame, formula):
    r"""
    Return the matrix that a formula stands for.
    """
    coding = Coding(frame, formula)
    values, features = coding.values(), formula.features(coding)
    if features is None:
        columns = [values[name] for name in coding.columns()]
    else:
        from sage_logreg.dataset.features import Features
        points = numpy.column_stack(list(values.values()))
        columns = list(Features(features, tuple(values)).values(points).T)
    ones = [numpy.ones(len(frame))] if formula.intercept else []
    return numpy.column_stack(ones + columns)
