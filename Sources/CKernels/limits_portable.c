/* The compiler's vectors at the target's baseline. */
#define NAME(x) bf_limits_portable_##x
#define TARGET
#define BYTES 16
#define CHAINS 12
#define FUSED(x, y, z) ((x) * (y) + (z))
#include "limits_vector.h"
