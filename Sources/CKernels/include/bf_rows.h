/* Functions of whole rows: softmax, normalisations, reductions. float32. */
#ifndef BF_ROWS_H
#define BF_ROWS_H

#include "bf_pool.h"

#if defined(__cplusplus)
extern "C" {
#endif

/* x is outer x extent x inner, contiguous; softmax along extent; `logarithm` for LogSoftmax. A row of -inf
 * alone, with +inf or with NaN becomes NaN, as the formula has it. y may be x. */
void bf_softmax(bf_pool *pool, size_t outer, size_t extent, size_t inner, bool logarithm, const float *x,
                float *y);

/* Rows of `width`: y = (x - mean) / sqrt(variance + epsilon) * scale + bias; rms leaves the mean out.
 * scale and bias have `width` elements, or are NULL. `addend` (rows like x, or NULL) is added to x first;
 * `sum` (or NULL) receives x + addend. mean and inverse deviation (one for each row) may be NULL. */
void bf_normalize_rows(bf_pool *pool, size_t rows, size_t width, bool rms, float epsilon, const float *x,
                       const float *addend, const float *scale, const float *bias, float *sum, float *y,
                       float *mean, float *inverse_deviation);

/* Channels last, [batch][pixels][channels]: statistics over the pixels and the channels of each group
 * (group count == channels: instance normalisation). scale and bias for each channel. */
void bf_normalize_groups(bf_pool *pool, size_t batch, size_t pixels, size_t channels, size_t groups,
                         float epsilon, const float *x, const float *scale, const float *bias, float *y);

typedef enum bf_reduction {
  BF_REDUCE_SUM, BF_REDUCE_MEAN, BF_REDUCE_MAX, BF_REDUCE_MIN, BF_REDUCE_PROD, BF_REDUCE_L1,
  BF_REDUCE_L2, BF_REDUCE_SUM_SQUARE, BF_REDUCE_LOG_SUM, BF_REDUCE_LOG_SUM_EXP
} bf_reduction;

/* outer x extent x inner to outer x inner. The greatest and the least are NaN where an element is. Of no
 * elements: sums 0, product 1, maximum -inf, minimum +inf, mean NaN, logarithms -inf. */
void bf_reduce(bf_pool *pool, bf_reduction reduction, size_t outer, size_t extent, size_t inner,
               const float *x, float *y);
/* The index of the greatest (or least) element along extent; the first, or the last, of equal ones. NaN
 * counts as the extreme, as in NumPy. The extent is below 2^31. */
void bf_arg_reduce(bf_pool *pool, bool greatest, bool last, size_t outer, size_t extent, size_t inner,
                   const float *x, int64_t *y);

#if defined(__cplusplus)
}
#endif
#endif
