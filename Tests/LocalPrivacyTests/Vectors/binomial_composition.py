"""The least e with delta(e) <= delta for n randomised responses, summed at 60 digits."""
from mpmath import mp, mpf, exp, binomial

mp.dps = 60


def delta(e, n, epsilon):
    p = 1 / (1 + exp(-epsilon))
    total, probability = mpf(0), (1 - p) ** n
    for x in range(n + 1):
        loss = (2 * x - n) * epsilon
        if loss > e:
            total += probability * (1 - exp(e - loss))
        probability *= mpf(n - x) / (x + 1) * p / (1 - p)
    return total


for epsilon, n, d in [("0.1", 100, "1e-6"), ("1", 1000, "1e-6"), ("4", 300, "1e-9"), ("0.01", 20000, "1e-5")]:
    low, high = mpf(0), n * mpf(epsilon)
    for _ in range(45):
        middle = (low + high) / 2
        if delta(middle, n, mpf(epsilon)) <= mpf(d):
            high = middle
        else:
            low = middle
    print(epsilon, n, d, mp.nstr(high, 12))
