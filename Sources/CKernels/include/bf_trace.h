/* When the workers of a pool work. */
#ifndef BF_TRACE_H
#define BF_TRACE_H

#include "bf_pool.h"

#if defined(__cplusplus)
extern "C" {
#endif

/* From the first part of one job that a worker took to the end of its last; nanoseconds of the
 * monotonic clock. */
typedef struct bf_worker_span {
  uint64_t begin, end;
} bf_worker_span;

/* Forgets what was noted and notes from now on, up to `capacity` jobs for each worker; later ones are left
 * out. Each part then costs its worker two readings of the clock. False without memory. Not during a job;
 * a NULL pool has no workers. */
bool bf_trace_start(bf_pool *pool, size_t capacity);
/* Notes no more. Not during a job. */
void bf_trace_stop(bf_pool *pool);
/* What was noted of `worker`, in 1..<bf_pool_threads, in order; valid until the next start. */
const bf_worker_span *bf_trace_spans(const bf_pool *pool, size_t worker, size_t *count);

#if defined(__cplusplus)
}
#endif
#endif
