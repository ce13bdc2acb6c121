#include "f32.h"

#if defined(__x86_64__)
#define BF_TARGET_AVX2
#define F32_NAME f32_avx2
#define F32_ACTIVATE f32_activate_avx2
#include "target_begin.inc.h"
#include "micro_f32.inc.h"
#include "target_end.inc.h"
#endif
