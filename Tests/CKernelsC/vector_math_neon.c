#include "check.h"

typedef void (*apply)(bf_activation activation, float a, float b, const float *x, float *y);
apply apply_neon(void);
#if defined(__aarch64__)
#define BF_TARGET_NEON
#include "../../Sources/CKernels/target_begin.inc.h"
#include "../../Sources/CKernels/vector_math.inc.h"
#include "vector_math_apply.inc.h"
#include "../../Sources/CKernels/target_end.inc.h"
apply apply_neon(void) { return apply_vectors; }
#else
apply apply_neon(void) { return NULL; }
#endif
