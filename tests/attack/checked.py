r"""
What the package claims about a problem, checked by the oracle
"""
import warnings
from fractions import Fraction

from sage_logreg import load_data, maximum_likelihood, separation
from sage_logreg.exact.balls import CertificationError
from sage_logreg.exact.certified import certified_maximum_likelihood
from sage_logreg.exact.separation import SeparationError

from attack import oracle

# correct digits of a training that says that it has converged
CONVERGED = 1e-8


def failures_of(problem, counts):
    r"""
    Return what is wrong with the answers to a problem, a list of texts that show it; ``counts`` gets what they were.
    """
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        for check in (check_separation, check_proof, check_training):
            try:
                counts[check(problem)] += 1
            except Exception as error:
                # the package's own errors are of the same use here
                said = str(error) if type(error) is AssertionError else f'{type(error).__name__}: {error}'
                found.append(f'{check.__name__}: {said}\n  {problem}')
    return found


def refusal(call):
    r"""
    Return the error by which a call refuses its data, or ``None``, and what it returns.
    """
    try:
        return None, call()
    except (ValueError, CertificationError) as error:
        return error, None


def expect(true, text):
    if not true:
        raise AssertionError(text)


def in_fractions(vector):
    return [Fraction(int(entry.numerator()), int(entry.denominator())) for entry in vector]


# The certificate of a separation

def check_separation(problem):
    options = {name: value for name, value in problem.options.items() if name != 'l2'}
    error, answer = refusal(lambda: separation(load_data(problem.data, **options)))
    rows = oracle.signed_rows(problem)
    if not oracle.are_independent(problem):
        expect(is_dependence(error), f'the columns are dependent, and the answer is {answer or error!r}')
        return 'dependent'
    expect(error is None, f'the columns are independent, and the answer is {error!r}')
    if answer.vector() is None:
        check_overlap(answer, rows)
    else:
        check_direction(answer, rows)
    return answer.kind()


def is_dependence(error):
    return type(error) is ValueError and any(
        word in str(error) for word in ('constant', 'is zero', 'equal', 'linearly dependent', 'more than the'))


def check_overlap(answer, rows):
    multipliers = dict(zip(answer.multipliers(), in_fractions(answer.multipliers().values())))
    expect(answer.kind() == 'overlap' and answer.exists(), f'{answer.kind()} without a direction')
    expect(set(multipliers) <= set(rows), 'a multiplier of a row that does not count')
    expect(all(m > 0 for m in multipliers.values()), 'a multiplier is not positive')
    total = [sum(m * rows[i][j] for i, m in multipliers.items()) for j in range(len(next(iter(rows.values()))))]
    expect(not any(total), f'{answer!r}, but the rows times their multipliers add up to {total}')
    expect(oracle.rank([rows[i] for i in multipliers]) == len(total), 'the rows of the proof do not span the space')


def check_direction(answer, rows):
    vector = in_fractions(answer.vector())
    values = {i: oracle.dot(row, vector) for i, row in rows.items()}
    zeros = [i for i, value in values.items() if value == 0]
    expect(min(values.values()) >= 0 and any(values.values()), f'{answer!r}, but {vector} does not separate')
    expect(answer.rows() == zeros, f'rows() is {answer.rows()}, and zero on {zeros}')
    expect(answer.kind() == ('quasi-complete' if zeros else 'complete') and not answer.exists(),
           f'{answer.kind()} with zeros on {zeros}')
    expect(not zeros or oracle.overlap([rows[i] for i in zeros]), f'{answer!r}, but a vector separates some of {zeros}')


# The balls of a proof

def check_proof(problem):
    digits = 10 + sum(map(ord, problem.seed)) % 11
    error, estimate = refusal(lambda: certified_maximum_likelihood(problem.data, digits=digits, **problem.options))
    if not oracle.has_estimate(problem):
        separated = oracle.are_independent(problem)
        expect(isinstance(error, SeparationError) if separated else is_dependence(error),
               f'there is no estimate, and the answer is {estimate or error!r}')
        return 'nothing to prove'
    if isinstance(error, CertificationError):
        return 'not proved'
    expect(error is None, f'there is an estimate, and the answer is {error!r}')
    check_balls(problem, estimate, digits)
    return 'proved'


def check_balls(problem, estimate, digits):
    balls = [*estimate.weights(), *estimate.standard_errors(), estimate.log_likelihood()]
    # beyond the digits that a ball has, which may be many more than those asked for
    most = max(radius(ball).denominator.bit_length() for ball in balls) * 3 // 10
    middles = list(map(middle, estimate.weights()))
    w, likelihood = oracle.root(problem, middles, most + oracle.DIGITS)
    expect(w is not None, f'the oracle does not arrive from {list(map(float, middles))}')
    errors = oracle.standard_errors(likelihood, w)
    with oracle.mpmath.workdps(likelihood.digits):
        value = likelihood.value(w, penalty=False)
    names = [f'{what} {j}' for what in ('weight', 'standard error') for j in range(len(w))] + ['log-likelihood']
    for name, ball, x in zip(names, balls, [*w, *errors, value]):
        check_ball(name, ball, oracle.fraction(x), digits)


def middle(ball):
    return in_fractions([ball.mid().exact_rational()])[0]


def radius(ball):
    return in_fractions([ball.rad_as_ball().mid().exact_rational()])[0]


def check_ball(name, ball, exact, digits):
    away = abs(exact - middle(ball))
    expect(away <= radius(ball), f'{name}: {float(exact)!r} is not in {ball}, by {float(away):.2g}')
    # a ball around zero has twice the digits, absolutely
    around_zero = abs(middle(ball)) <= radius(ball)
    most = Fraction(1, 10**(2 * digits)) if around_zero else abs(middle(ball)) / 10**digits
    expect(radius(ball) < most, f'{name}: {ball} does not have {digits} digits')


# A training

def check_training(problem):
    r"""
    A training that says that it has converged has the digits of its problem, in floats or in what was given.
    """
    error, model = refusal(lambda: maximum_likelihood(problem.data, **problem.options))
    rounded = problem.rounded()
    exists = [oracle.has_estimate(each) for each in (rounded, problem)]
    if error is not None:
        expect(not all(exists), f'there is an estimate, and the answer is {error!r}')
        return 'not trained'
    expect(any(exists) or not model.converged(), f'there is no estimate, and the training has converged at {model!r}')
    if not model.converged():
        return 'not converged'
    weights, missed = list(map(float, model.weights())), []
    for each in [each for each, exist in zip((rounded, problem), exists) if exist]:
        w, likelihood = oracle.root(each, weights)
        expect(w is not None, f'the oracle does not arrive from {weights}')
        errors = oracle.standard_errors(likelihood, w)
        missed.append(max(abs(a - b) / max(abs(b), e) for a, b, e in zip(weights, w, errors)))
    expect(min(missed) <= CONVERGED,
           f'converged at {weights}, which is {float(min(missed)):.2g} off {list(map(float, w))}')
    return 'converged'
