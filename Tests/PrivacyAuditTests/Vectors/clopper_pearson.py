"""Clopper-Pearson bounds as quantiles of beta distributions (SciPy 1.17.1)."""
from scipy.stats import beta

for x, n, alpha in [
    (1, 1, 0.025), (3, 10, 0.025), (10, 10, 0.05), (0, 50, 0.5), (1, 100000, 5e-7), (0, 200000, 5e-7),
    (5000, 10000, 1e-9), (99999, 100000, 5e-7), (1798620, 10000000, 1e-6),
]:
    lower = beta.ppf(alpha, x, n - x + 1) if x > 0 else 0.0
    upper = beta.isf(alpha, x + 1, n - x) if x < n else 1.0
    print(f"    ({x}, {n}, {alpha}, {lower:.13g}, {upper:.13g}),")
