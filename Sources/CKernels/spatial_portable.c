#include <math.h>
#include <string.h>

#include "spatial_tasks.h"
#include "bf_contraction.h"

#define BF_TARGET_PORTABLE
#define TASKS bf_spatial_portable
#include "target_begin.inc.h"
#include "vector_math.inc.h"
#include "vector_math_more.inc.h"
#include "spatial.inc.h"
#include "target_end.inc.h"
