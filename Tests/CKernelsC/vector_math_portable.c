#include "check.h"

typedef void (*apply)(bf_activation activation, float a, float b, const float *x, float *y);
apply apply_portable(void);
#if 1
#define BF_TARGET_PORTABLE
#include "../../Sources/CKernels/target_begin.inc.h"
#include "../../Sources/CKernels/vector_math.inc.h"
#include "vector_math_apply.inc.h"
#include "../../Sources/CKernels/target_end.inc.h"
apply apply_portable(void) { return apply_vectors; }
#else
apply apply_portable(void) { return NULL; }
#endif
