from pathlib import Path
import re

from setuptools import find_packages, setup

here = Path(__file__).parent
version = re.search(r"__version__ = '(.+)'", (here / 'sage_logreg' / 'version.py').read_text()).group(1)

setup(
    name='sage_logreg',
    version=version,
    description='Logistic regression inside SageMath, trained by Theano',
    long_description=(here / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='GPL-3.0-or-later',
    keywords='logistic regression, SageMath, Theano, PyTensor, automatic differentiation, interval arithmetic',
    classifiers=[
        'Development Status :: 4 - Beta',
        'Intended Audience :: Education',
        'Intended Audience :: Science/Research',
        'Natural Language :: English',
        'Natural Language :: Japanese',
        'Operating System :: POSIX :: Linux',
        'Programming Language :: Python :: 3',
        *(f'Programming Language :: Python :: 3.{minor}' for minor in range(10, 15)),
        'Topic :: Education',
        'Topic :: Scientific/Engineering :: Mathematics',
    ],
    python_requires='>=3.10',
    packages=[*find_packages(include=['sage_logreg', 'sage_logreg.*']), 'sage_logreg.data'],
    package_dir={'sage_logreg.data': 'data'},
    package_data={'sage_logreg.data': ['*.csv', '*.gz', '*.txt', '*.md']},
    install_requires=['formulaic>=1.0', 'narwhals>=1.20', 'numba', 'numpy', 'pandas>=2.0', 'pyarrow>=14', 'pytensor', 'scipy', 'threadpoolctl', 'tqdm'],
    extras_require={
        # the site of make html; MathJax comes in a package made for Django
        'docs': ['django-static-mathjax>=3,<4', 'furo', 'myst-nb>=1.3,<2', 'scikit-learn>=1.6', 'sphinx>=8,<10', 'sphinx-copybutton'],
        'sage': ['passagemath-standard>=10.8'],
        # data larger than the memory, on more than one process or machine
        'dask': ['dask[dataframe]>=2025.1', 'distributed>=2025.1'],
        'excel': ['openpyxl'],
        'sklearn': ['scikit-learn>=1.6'],
        # nbclassic serves three.js to Sage's 3D pictures, which else come from another machine
        'notebook': ['ipykernel', 'ipywidgets', 'jupyterlab', 'jupytext', 'nbclassic', 'nbclient'],
        'test': ['build', 'hypothesis', 'mpmath', 'openpyxl', 'pexpect', 'polars', 'pytest', 'pytest-timeout', 'pytest-xdist', 'scikit-learn>=1.7',
                 'setuptools', 'statsmodels', 'twine', 'wheel'],
    },
)
