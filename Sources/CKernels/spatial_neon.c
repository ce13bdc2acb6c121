#if defined(__aarch64__)
#include <arm_neon.h>
#include <math.h>
#include <string.h>

#include "spatial_tasks.h"
#include "bf_contraction.h"

#define BF_TARGET_NEON
#define TASKS bf_spatial_neon
#include "target_begin.inc.h"
#include "vector_math.inc.h"
#include "vector_math_more.inc.h"
#include "spatial.inc.h"
#include "target_end.inc.h"
#endif
