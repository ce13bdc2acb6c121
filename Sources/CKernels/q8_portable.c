#include "q8_kernels.h"

#include <string.h>

#define BF_TARGET_PORTABLE
#include "target_begin.inc.h"
#include "vector_math.inc.h"
#include "q8_ops_portable.inc.h"
#include "q8_kernels.inc.h"
#include "target_end.inc.h"

const q8_kernels q8_portable = Q8_TABLE(NULL);
