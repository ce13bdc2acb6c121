#include "f32.h"

#define BF_TARGET_PORTABLE
#define BF_PAIRED
#define F32_ACTIVATE f32_activate_portable
#include "target_begin.inc.h"
#include "activate_f32.inc.h"
#include "target_end.inc.h"
