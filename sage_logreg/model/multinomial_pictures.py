r"""
The pictures of a model of more than two classes

EXAMPLES::

    sage: from sage_logreg import maximum_likelihood, penguins
    sage: model = maximum_likelihood(penguins(label='species', variables='bill_length_mm, body_mass_g'), l2=1)
    sage: model.plot(), model.plot_probability('Gentoo'), model.plot_confusion_matrix()
    (Graphics object consisting of 9 graphics primitives,
     Graphics object consisting of 5 graphics primitives,
     Graphics object consisting of 10 graphics primitives)
"""
from sage_logreg.support.arguments import listed, shown


class MultinomialPictures:
    r"""
    The methods of a :class:`~sage_logreg.model.multinomial.MultinomialModel` that draw.

    EXAMPLES: see :mod:`sage_logreg.model.multinomial_pictures`.
    """

    def plot(self, variables=None, fixed=None, point_options=None, **options):
        r"""
        Return the points on the regions where each class is the most probable one, with the lines between them.

        INPUT:

        - ``variables``, ``fixed`` -- as for two classes
        - ``point_options`` -- dictionary of options of Sage's ``point``; one that is itself a dictionary, from labels to values,
          gives classes their own. The regions take the colours of their classes
        - ``options`` -- options of Sage's ``line`` (for the lines) and of ``show``; the regions extend to ``xmin``, ``xmax``,
          ``ymin``, ``ymax``

        OUTPUT: a ``Graphics``: a ``point`` primitive for each class, the regions, and the parts of the boundaries of two classes on
        which no third one is more probable. With one variable, the curves of all probabilities over bands, each with the marker of its
        class at its top, and the points of each class as a row below

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, penguins
            sage: data = penguins(label='species', variables='bill_length_mm, body_mass_g')
            sage: model = maximum_likelihood(data, l2=1)
            sage: model.plot(thickness=2, point_options={'marker': {'Gentoo': 'h'}, 'color': {'Gentoo': 'teal'}})
            Graphics object consisting of 9 graphics primitives

        Curved lines, one variable, and some of more variables::

            sage: from sage_logreg import load_data, polynomial_features
            sage: features = polynomial_features('bill_length_mm', 'body_mass_g', degree=2)
            sage: maximum_likelihood(load_data(data, features=features), l2=1).plot()
            Graphics object consisting of 10 graphics primitives
            sage: maximum_likelihood(penguins(label='species', variables='bill_length_mm'), l2=1).plot()
            Graphics object consisting of 14 graphics primitives
            sage: many = maximum_likelihood(penguins(label='species'), l2=1)
            sage: many.plot(['bill_length_mm', 'bill_depth_mm'], fixed={'sex': 'male'})
            Graphics object consisting of 9 graphics primitives
        """
        from sage_logreg.plot.regions import plot_classes
        return plot_classes(self, variables, fixed, point_options, **options)

    def plot_probability(self, label=None, variables=None, fixed=None, point_options=None, **options):
        r"""
        Return the contours of the probability of a class and the line of 1/2 with the points on top.

        INPUT:

        - ``label`` -- the class
        - ``variables``, ``fixed``, ``point_options`` -- as for :meth:`plot`
        - ``options`` -- options of Sage's ``contour_plot`` and of ``show``

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, penguins
            sage: model = maximum_likelihood(penguins(label='species', variables='bill_length_mm, body_mass_g'), l2=1)
            sage: model.plot_probability('Chinstrap')
            Graphics object consisting of 5 graphics primitives

        TESTS::

            sage: model.plot_probability()
            Traceback (most recent call last):
            ...
            ValueError: plot_probability draws the probability of one class; say which: 'Adelie', 'Chinstrap', 'Gentoo'
        """
        from sage_logreg.plot.contours import plot_probability
        return plot_probability(self, variables, fixed, point_options, self._drawn(label, 'plot_probability'), **options)

    def plot3d(self, label=None, variables=None, fixed=None, point_options=None, **options):
        r"""
        Return the surface of the probability of a class, with its points at the height 1 and all others at 0.

        INPUT:

        - ``label`` -- the class
        - ``variables``, ``fixed``, ``point_options``, ``options`` -- as for two classes

        OUTPUT: a ``Graphics3d``

        EXAMPLES::

            sage: from sage_logreg import maximum_likelihood, penguins
            sage: model = maximum_likelihood(penguins(label='species', variables='bill_length_mm, body_mass_g'), l2=1)
            sage: model.plot3d('Chinstrap')
            Graphics3d Object
        """
        from sage_logreg.plot.surface import plot_surface
        return plot_surface(self, variables, fixed, point_options, self._drawn(label, 'plot3d'), **options)

    def _drawn(self, label, name):
        # The number of the class that a picture shows.
        if label is None:
            raise ValueError(f'{name} draws the probability of one class; say which: {listed(map(shown, self.data.label_names))}')
        return self._place(label)

    def animate(self, variables=None, fixed=None, frames=25, point_options=None, **options):
        r"""
        Return an animation of the regions as they move in training, as for two classes.

        INPUT:

        - ``variables``, ``fixed``, ``point_options``, ``options`` -- as for :meth:`plot`
        - ``frames`` -- (default: 25) the most records that are shown

        OUTPUT: an ``Animation``

        EXAMPLES::

            sage: from sage_logreg import gradient_descent, penguins
            sage: data = penguins(label='species', variables='bill_length_mm, body_mass_g')
            sage: print(gradient_descent(data, scale=True, learning_rate=1, iterations=100).animate(frames=3))
            Animation with 3 frames
        """
        from sage_logreg.plot.film import animate_regions
        return animate_regions(self, variables, fixed, frames, point_options, **options)

    def plot_confusion_matrix(self, data=None, missing='error', **options):
        r"""
        Return the confusion matrix as a picture: the counts, on colours by their shares of the points with a label.

        INPUT:

        - ``data``, ``missing`` -- as for ``confusion_matrix``
        - ``options`` -- options of Sage's ``matrix_plot`` and of ``show``

        EXAMPLES::

            sage: from sage_logreg import digits, maximum_likelihood
            sage: maximum_likelihood(digits(), l2=1).plot_confusion_matrix()
            Graphics object consisting of 101 graphics primitives
        """
        return self._plot_confusion(data, missing, options)

    def mistakes(self, data=None, missing='error'):
        r"""
        Return which points are predicted to have another label than they have, the numbers of their rows, from 0 on (in chunks as for two classes).

        INPUT:

        - ``data`` -- (default: the data trained on) anything that
          :func:`~sage_logreg.dataset.load.load_data` takes
        - ``missing`` -- (default: ``'error'``) ``'drop'`` leaves out the rows with missing values

        EXAMPLES::

            sage: from sage_logreg import digits, maximum_likelihood
            sage: model = maximum_likelihood(digits().take(slice(1000)), l2=1)
            sage: wrong = model.mistakes(digits())
            sage: wrong[0] >= 1000, digits().plot_images(rows=wrong[:5])
            (True, Graphics object consisting of 6 graphics primitives)
        """
        return self._mistakes(data, missing)

    def _weight_names(self):
        # as labels of axes
        names = ['bias'] * self.data.intercept + [f'weight of {name}' for name in self.data.design.variables]
        return [f'{name} ({label})' for label in self.data.label_names for name in names]
