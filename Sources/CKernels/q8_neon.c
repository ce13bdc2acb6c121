#include "q8_kernels.h"

#if defined(__aarch64__)
#include "q8_ops_neon.inc.h"
#include "q8_kernels.inc.h"

const q8_kernels q8_neon = Q8_TABLE(NULL);
#endif
