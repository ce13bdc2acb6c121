#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "rows_tasks.h"
#include "bf_contraction.h"

#define BF_TARGET_AVX2
#define TASKS bf_rows_avx2
#include "target_begin.inc.h"
#include "vector_math.inc.h"
#include "vector_math_more.inc.h"
#include "rows.inc.h"
#include "target_end.inc.h"
#endif
