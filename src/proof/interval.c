/* Exact binomial intervals by the incomplete beta function. */
#include "proof/interval.h"

#include <math.h>

/* The continued fraction of the incomplete beta function (NIST Digital Library of Mathematical
 * Functions, 8.17.22), by Lentz's method as modified by Thompson and Barnett (1986). Converges fast
 * for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double result = d;
    for (int m = 1; m < 100000; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double parts[2] = {even, odd}, change = 1;
        for (int i = 0; i < 2; i++) {
            d = 1 + parts[i] * d;
            c = 1 + parts[i] / c;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = fabs(c) < tiny ? tiny : c;
            change = d * c;
            result *= change;
        }
        if (fabs(change - 1) < 1e-15)
            break;
    }
    return result;
}

double incomplete_beta(double a, double b, double x)
{
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/* The x at which I_x(a, b) = p; by bisection, on a logarithmic scale where x is small. */
static double beta_quantile(double a, double b, double p)
{
    double low = 0, high = 1;
    for (int i = 0; i < 2000 && high - low > 1e-15 * high; i++) {
        double middle = low > 0 && high / low > 4 ? sqrt(low * high) : (low + high) / 2;
        if (incomplete_beta(a, b, middle) < p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

struct interval interval_of_rate(size_t hits, size_t trials, double confidence)
{
    double k = (double)hits, n = (double)trials, tail = (1 - confidence) / 2;
    struct interval out = {0, 1};
    if (trials == 0)
        return out;
    if (hits > 0)
        out.low = beta_quantile(k, n - k + 1, tail);
    if (hits < trials)
        out.high = beta_quantile(k + 1, n - k, 1 - tail);
    return out;
}
