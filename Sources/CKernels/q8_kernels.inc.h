/* All the kernels of one instruction set, on top of its vectors. */
#include "q8_finish.inc.h"
#include "q8_gemm.inc.h"
#include "q8_depthwise.inc.h"
#include "q8_convert.inc.h"
#include "block_gemm.inc.h"

#define Q8_TABLE(half)                                                                                  \
  {                                                                                                     \
    .lanes = L, .vectors = NV, .rows = MR, .native_is_signed = NATIVE_IS_SIGNED, .panel = panel,        \
    .depthwise_width = 4 * L, .depthwise = depthwise, .depthwise_half = half,                           \
    .block_panel = BLOCK_NV * L, .block = block, .split_digits = split_digits,                          \
    .quantize = quantize, .dequantize = dequantize,                                                     \
    .range = range, .binary = binary, .add_bytes = add_bytes, .max_bytes = max_bytes,                   \
    .scale_sums = scale_sums, .fix_sums = fix_sums, .activate = activate                                \
  }
