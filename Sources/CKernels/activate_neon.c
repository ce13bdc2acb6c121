#include "f32.h"

#if defined(__aarch64__)
#define BF_TARGET_NEON
#define BF_PAIRED
#define F32_ACTIVATE f32_activate_neon
#include "target_begin.inc.h"
#include "activate_f32.inc.h"
#include "target_end.inc.h"
#endif
