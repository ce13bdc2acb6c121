#include <gsl/gsl_errno.h>
#include <gsl/gsl_matrix.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <gsl/gsl_vector.h>

/* The library's method tables are variables, which Swift takes for shared mutable state. */
static inline const gsl_multifit_nlinear_type *cgsl_trust_region(void) {
  return gsl_multifit_nlinear_trust;
}
static inline const gsl_multifit_nlinear_solver *cgsl_cholesky(void) {
  return gsl_multifit_nlinear_solver_cholesky;
}
