#include "q8_kernels.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <math.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#define Q8_DOT
#include "q8_ops_neon.inc.h"
#include "q8_kernels.inc.h"
#pragma clang attribute pop

const q8_kernels q8_neon_dot = Q8_TABLE(NULL);
#endif
