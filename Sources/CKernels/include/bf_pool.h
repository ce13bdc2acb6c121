/* Threads: one caller and n - 1 workers, which sleep when there is nothing to do. */
#ifndef BF_POOL_H
#define BF_POOL_H

#include "bf_platform.h"

#if defined(__cplusplus)
extern "C" {
#endif

typedef struct bf_pool bf_pool;

/* A part of a job; `thread` is in 0..<bf_pool_threads, 0 is the caller. */
typedef void (*bf_task)(void *context, size_t index, size_t thread);

/* `threads` includes the caller; `cpus`, when not NULL, has a processor for each thread to be pinned to.
 * NULL when threads cannot be made. A NULL pool is a pool of one thread everywhere below. */
bf_pool *bf_pool_create(size_t threads, const int *cpus);
void bf_pool_destroy(bf_pool *pool);
size_t bf_pool_threads(const bf_pool *pool);

/* Runs task(context, i, thread) for each i in 0..<count, each once, and returns when all are done.
 * Indices are handed out one at a time, so that a thread which another process holds up takes fewer.
 * Not reentrant: a task must not run another job on the same pool. */
void bf_pool_run(bf_pool *pool, size_t count, bf_task task, void *context);

#if defined(__cplusplus)
}
#endif
#endif
