/* How sure a measured rate is: Clopper-Pearson intervals (Clopper and Pearson 1934, "The use of
 * confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26). */
#ifndef PROOF_INTERVAL_H
#define PROOF_INTERVAL_H

#include <stddef.h>

struct interval {
    double low, high;
};

/* Where the true rate lies with the given confidence (0.95), after `hits` of `trials`. It is never
 * too narrow. 0 to 1 where trials is 0. */
struct interval interval_of_rate(size_t hits, size_t trials, double confidence);

/* The regularised incomplete beta function I_x(a, b). */
double incomplete_beta(double a, double b, double x);

#endif
