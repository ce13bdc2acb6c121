#include <math.h>
#include <string.h>

#include "elementwise_tasks.h"
#include "bf_contraction.h"

#define BF_TARGET_PORTABLE
#define TASKS bf_elementwise_portable
#include "target_begin.inc.h"
#include "vector_math.inc.h"
#include "vector_math_more.inc.h"
#include "elementwise.inc.h"
#include "target_end.inc.h"
