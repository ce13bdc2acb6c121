#include "f32.h"

#if defined(__x86_64__)
#define BF_TARGET_AVX512
#define BF_PAIRED
#define F32_ACTIVATE f32_activate_avx512
#include "target_begin.inc.h"
#include "activate_f32.inc.h"
#include "target_end.inc.h"
#endif
