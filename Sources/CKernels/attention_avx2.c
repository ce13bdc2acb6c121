#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "attention_tasks.h"
#include "bf_contraction.h"
#include "movement_plan.h"

#define BF_TARGET_AVX2
#define TASKS bf_attention_avx2
#include "target_begin.inc.h"
#include "vector_math.inc.h"
#include "vector_math_more.inc.h"
#include "attention.inc.h"
#include "target_end.inc.h"
#endif
