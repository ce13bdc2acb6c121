#include "f32.h"

#define BF_TARGET_PORTABLE
#define F32_NAME f32_portable
#define F32_ACTIVATE f32_activate_portable
#include "target_begin.inc.h"
#include "micro_f32.inc.h"
#include "target_end.inc.h"
