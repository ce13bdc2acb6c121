/* What this machine can do: the loops that `probe` times. Each does its work `repeats` times and returns
 * when done; the caller times it. */
#ifndef BF_LIMITS_H
#define BF_LIMITS_H

#include "bf_pool.h"

#if defined(__cplusplus)
extern "C" {
#endif

typedef enum bf_arithmetic {
  BF_PEAK_F32, BF_PEAK_F64, BF_PEAK_BF16, BF_PEAK_F16, BF_PEAK_INT8
} bf_arithmetic;

/* Independent multiply-adds in registers under `isa`; returns the operations done (2 for each
 * multiply-add), 0 when the instruction set, or this host, has none of this kind. */
double bf_peak(bf_arithmetic kind, bf_isa isa, size_t repeats);

typedef enum bf_stream { BF_STREAM_READ, BF_STREAM_WRITE, BF_STREAM_COPY, BF_STREAM_TRIAD } bf_stream;
/* Streams over `bytes` (a multiple of 512) of each buffer (64-byte aligned; c and b may be NULL where
 * unused) under the instruction set in use; returns the bytes moved as a programmer counts them (no write
 * allocation). `bypass` uses non-temporal stores. */
double bf_stream_run(bf_stream kind, bool bypass, size_t bytes, void *a, const void *b, const void *c,
                     size_t repeats);
/* Follows a chain of pointers through cells of `stride` bytes, `steps` times from cell `start`; returns the
 * cell that it ends at. The time of a step is the latency. */
size_t bf_chase(void *buffer, size_t start, size_t stride, size_t steps);
/* Links the cells in one random cycle. */
void bf_chase_prepare(void *buffer, size_t count, size_t stride, uint64_t seed);

/* A chain of exclusive-ors that wait for each other, one cycle each; returns the cycles. */
double bf_cycles(size_t repeats);

/* ---- On every thread of a pool at once --------------------------------------------------------------
 * All threads start together, each with one share. `seconds` receives the time from the start of the
 * first to the end of the last, on the wall. */

double bf_peak_together(bf_pool *pool, bf_arithmetic kind, bf_isa isa, size_t repeats, double *seconds);
/* Thread t has bytes t*bytes ..< (t+1)*bytes of each buffer. */
double bf_stream_together(bf_pool *pool, bf_stream kind, bool bypass, size_t bytes, void *a, const void *b,
                          const void *c, size_t repeats, double *seconds);
/* Runs `jobs` jobs of one part for each thread, each of which waits for the others to start; `seconds` has
 * room for the time of each job. */
void bf_dispatch(bf_pool *pool, size_t jobs, double *seconds);

#if defined(__cplusplus)
}
#endif
#endif
