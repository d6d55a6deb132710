# nodoctest: this draws for a minute
"""Draw every picture that the package makes, and show them on one page with the lines that made them.

    python worksheets/gallery.py [folder] [picture ...]

The page is folder/gallery.html, the pictures lie beside it; where pictures are named, only these are drawn.
"""
import html
import os
import sys
from pathlib import Path

import sage.all
from sage.repl.preparse import preparse

PREPARATION = '''from sage_logreg import *
x1, x2 = var('x1, x2')
scores = ex2data1()
slow = gradient_descent(scores, learning_rate=0.001, iterations=300000)
scaled = gradient_descent(scores, learning_rate=1, iterations=4000, scale=True)
estimate = maximum_likelihood(scores)
chips = ex2data2(features=polynomial_features(x1, x2, degree=6))
curved = maximum_likelihood(chips, l2=1)
flowers = load_data([[1.4, 0.2, 5.1, 0], [4.7, 1.4, 7.0, 1], [1.5, 0.4, 5.7, 0], [4.5, 1.5, 6.4, 1], [5.1, 1.9, 5.8, 1],
                     [1.7, 0.5, 5.1, 0], [3.3, 1.0, 4.9, 0], [3.0, 1.1, 5.1, 1], [3.5, 1.0, 5.0, 0]],
                    variables='length, width, height')
birds = penguins(label='species', variables='bill_length_mm, body_mass_g', missing='drop')
species = maximum_likelihood(birds, l2=1)
read = maximum_likelihood(digits(), l2=100)
sexes = maximum_likelihood(penguins(formula='sex ~ species + bill_depth_mm + body_mass_g'))
'''
# file name, caption, the line that draws it
PICTURES = [
    ('data', 'The data: a hundred applicants, two scores, admitted or not', 'scores.plot()'),
    ('gradient_descent', 'The boundary after 300,000 steps of gradient descent', 'slow.plot()'),
    ('probability', 'The probability, and where it is 1/2', 'estimate.plot_probability()'),
    ('surface', 'The probability as a surface, the points at 0 and 1', 'estimate.plot3d()'),
    ('curved_boundary', 'A hundred and eighteen microchips; the boundary from 27 monomials, with a penalty', 'curved.plot()'),
    ('curved_probability', 'Their probability', 'curved.plot_probability()'),
    ('curved_surface', 'The same as a surface', 'curved.plot3d()'),
    ('thresholds', 'Where the probability is 1/4, 1/2 and 3/4',
     "curved.plot(legend_label='P = 1/2') + sum(\n"
     "    curved.plot(threshold=t, color=c, legend_label=f'P = {t}', point_options={'legend_label': None})\n"
     "    for t, c in [(1/4, 'orange'), (3/4, 'green')])"),
    ('penalties', 'No penalty to speak of, the right one, too large a one',
     "graphics_array([maximum_likelihood(chips, l2=l2).plot(title='l2 = %s' % l2, legend_label=None,\n"
     "                                                       point_options={'legend_label': None}) for l2 in (1/1000, 1, 100)])"),
    ('one_variable', 'One variable: the curve of the probability, and where it is 1/2',
     "maximum_likelihood((scores.points[:, :1], scores.labels)).plot()"),
    ('three_variables', 'Two of three variables, the third one fixed',
     "maximum_likelihood(flowers, l2=1/10).plot(variables=['length', 'width'], fixed={'height': 5})"),
    ('history', 'The cost as it falls, with two kinds of descent', "slow.plot_history(stochastic_gradient_descent(scores), labels=['gradient descent', 'stochastic'])"),
    ('valley', 'Why it takes so long: the cost over two weights is a narrow valley', 'slow.plot_cost_surface([0, 1])'),
    ('scaled_path', 'In standardised variables the way is short', 'scaled.plot_cost_surface([0, 1])'),
    ('roc', 'How well the classes are told apart', 'estimate.roc()'),
    ('confusion_matrix', 'What the model takes for what', 'estimate.plot_confusion_matrix()'),
    ('classes', 'Three kinds of penguins', 'birds.plot()'),
    ('regions', 'Where each of them is the most probable', 'species.plot()'),
    ('class_probability', 'The probability of one of them', "species.plot_probability('Chinstrap')"),
    ('images', 'Handwritten digits, some of those that are read wrongly', 'digits().plot_images(read.mistakes()[:20])'),
    ('image_weights', 'The weights of the ten digits, as images', 'read.plot_weights()'),
    ('digits_confusion', 'Which digit is taken for which', 'read.plot_confusion_matrix()'),
    ('calibration', 'Predicted probabilities beside what was observed', 'sexes.plot_calibration()'),
    ('diagnostics', 'Residuals, influence and fit', 'sexes.plot_diagnostics()'),
    ('binned_residuals', 'Mean residuals against a variable', "sexes.plot_binned_residuals(by='body_mass_g')"),
    ('effect', 'What a variable changes in the probability, in each species', "sexes.plot_effect('body_mass_g', by='species')"),
    ('odds_ratios', 'Odds ratios with their intervals', 'sexes.plot_coefficients(odds_ratios=True)'),
    ('profile', 'The likelihood of a weight, and the parabola in its place', "sexes.likelihood_profile('bill_depth_mm')"),
    ('confidence_region', 'The joint region of two weights', "sexes.plot_confidence_region('bill_depth_mm', 'body_mass_g')"),
    ('validation', 'Which penalty predicts best', 'cross_validate(scores, l2=[10^k for k in range(5)]).plot()'),
    ('path', 'The weights of the lasso, from the largest penalty on', 'regularization_path(penguins()).plot()'),
    ('path_validation', 'Which of these penalties predicts best', 'regularization_path(chips).cross_validate().plot()'),
    ('film', 'The boundary as training goes', 'slow.animate(frames=15)'),
]
PAGE = '''<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>sage_logreg: gallery</title><style>
body {{ font-family: sans-serif; margin: 2em auto; max-width: 75em; color: #222 }}
main {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(32em, 1fr)); gap: 2.5em }}
figure {{ margin: 0 }} img {{ max-width: 100%; max-height: 26em }} figcaption {{ margin: .4em 0 }}
pre {{ background: #f4f4f4; padding: .6em; overflow-x: auto; font-size: 85% }}
</style></head><body><h1>sage_logreg: gallery</h1><pre>{preparation}</pre><main>
{figures}
</main></body></html>
'''
FIGURE = '<figure><img src="{name}.png" alt="{caption}"><figcaption>{caption}</figcaption><pre>{line}</pre></figure>'


def draw(folder, pictures):
    folder.mkdir(parents=True, exist_ok=True)
    names = dict(vars(sage.all))
    exec(preparse(PREPARATION), names)
    for name, _, line in pictures:
        picture = eval(preparse(line), names)
        # whole or not at all
        new = folder / f'{name}.new.png'
        if hasattr(picture, 'apng'):
            picture.apng(str(new))
        else:
            picture.save(str(new), figsize=[12, 4] if name == 'penalties' else [6, 5])
        os.replace(new, folder / f'{name}.png')
        print(f'{name}.png', flush=True)


def write_page(folder):
    figures = '\n'.join(FIGURE.format(name=name, caption=html.escape(caption), line=html.escape(line))
                        for name, caption, line in PICTURES)
    page = PAGE.format(preparation=html.escape(PREPARATION), figures=figures)
    (folder / 'gallery.html').write_text(page, encoding='utf-8')
    print(folder / 'gallery.html')


if __name__ == '__main__':
    folder, *wanted = sys.argv[1:] or ['results/gallery']
    draw(Path(folder), [picture for picture in PICTURES if picture[0] in wanted or not wanted])
    if not wanted:
        write_page(Path(folder))
