#include "check.h"

typedef void (*apply)(bf_activation activation, float a, float b, const float *x, float *y);
apply apply_avx2(void);
#if defined(__x86_64__)
#define BF_TARGET_AVX2
#include "../../Sources/CKernels/target_begin.inc.h"
#include "../../Sources/CKernels/vector_math.inc.h"
#include "vector_math_apply.inc.h"
#include "../../Sources/CKernels/target_end.inc.h"
apply apply_avx2(void) { return apply_vectors; }
#else
apply apply_avx2(void) { return NULL; }
#endif
