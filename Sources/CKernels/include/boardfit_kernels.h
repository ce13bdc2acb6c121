/* The tuned kernels of the reference executor: plain C, run-time dispatch, no dependency but libm and
 * pthreads. One header a family. Every function trusts its arguments: extents, strides and sizes are
 * checked by the caller, once, when a model is loaded. */
#ifndef BOARDFIT_KERNELS_H
#define BOARDFIT_KERNELS_H

#include "bf_platform.h"
#include "bf_pool.h"
#include "bf_contraction.h"
#include "bf_attention.h"
#include "bf_quantized.h"
#include "bf_elementwise.h"
#include "bf_rows.h"
#include "bf_spatial.h"
#include "bf_trace.h"
#include "bf_movement.h"
#include "bf_recurrent.h"
#include "bf_limits.h"

#endif
