#include <math.h>
#include <string.h>

#include "rows_tasks.h"
#include "bf_contraction.h"

#define BF_TARGET_PORTABLE
#define TASKS bf_rows_portable
#include "target_begin.inc.h"
#include "vector_math.inc.h"
#include "vector_math_more.inc.h"
#include "rows.inc.h"
#include "target_end.inc.h"
