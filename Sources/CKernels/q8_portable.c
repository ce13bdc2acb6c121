#include "q8_kernels.h"

#include "q8_ops_portable.inc.h"
#include "q8_kernels.inc.h"

const q8_kernels q8_portable = Q8_TABLE(NULL);
