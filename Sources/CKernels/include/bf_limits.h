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
 * multiply-add), 0 when the instruction set has none of this kind. */
double bf_peak(bf_arithmetic kind, bf_isa isa, size_t repeats);

typedef enum bf_stream { BF_STREAM_READ, BF_STREAM_WRITE, BF_STREAM_COPY, BF_STREAM_TRIAD } bf_stream;
/* Streams over `bytes` of each buffer (64-byte aligned; c and b may be NULL where unused); returns the
 * bytes moved as a programmer counts them (no write allocation). `bypass` uses non-temporal stores. */
double bf_stream_run(bf_stream kind, bool bypass, size_t bytes, void *a, const void *b, const void *c,
                     size_t repeats);
/* Follows a chain of pointers through `count` cells of `stride` bytes, `steps` times; the latency. */
size_t bf_chase(void *buffer, size_t count, size_t stride, size_t steps);
/* Links the cells in one random cycle. */
void bf_chase_prepare(void *buffer, size_t count, size_t stride, uint64_t seed);

#if defined(__cplusplus)
}
#endif
#endif
