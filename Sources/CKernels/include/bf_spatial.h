/* Pooling and resizing, channels last. */
#ifndef BF_SPATIAL_H
#define BF_SPATIAL_H

#include "bf_contraction.h"
#include "bf_quantized.h"

#if defined(__cplusplus)
extern "C" {
#endif

typedef enum bf_pooling {
  BF_POOL_MAX,
  BF_POOL_AVERAGE,
  BF_POOL_AVERAGE_WITH_PADDING,
  /* Of bytes: the mean of the stored numbers inside the input, halves away from zero; the output's affine is
   * the input's. */
  BF_POOL_AVERAGE_STORED
} bf_pooling;

/* Uses the shape's extents, kernel, strides, dilations, padding and pixel strides; groups are ignored.
 * BF_POOL_AVERAGE divides by the elements inside the input, _WITH_PADDING by those inside the padded
 * input, whose ends are pad_bottom and pad_right beyond the input. A window without elements gives -inf or 0;
 * the maximum is NaN where an element is. */
void bf_f32_pool(bf_pool *pool, bf_pooling kind, const bf_conv_shape *shape, size_t pad_bottom,
                 size_t pad_right, const float *input, float *output);
/* Bytes: max directly; average as real, requantized. */
void bf_q8_pool(bf_pool *pool, bf_pooling kind, const bf_conv_shape *shape, size_t pad_bottom,
                size_t pad_right, const void *input, const bf_affine *input_affine, void *output,
                const bf_affine *output_affine);
/* Mean over all pixels: [batch][pixels][channels] to [batch][channels]. */
void bf_f32_global_average(bf_pool *pool, size_t batch, size_t pixels, size_t channels,
                           ptrdiff_t in_stride, const float *input, float *output);
void bf_q8_global_average(bf_pool *pool, size_t batch, size_t pixels, size_t channels,
                          ptrdiff_t in_stride, const void *input, const bf_affine *input_affine,
                          void *output, const bf_affine *output_affine);
/* The sum of (x - zero point) over all pixels, to bytes as in BF_SUM_FIXED; `scale` holds the division.
 * Sums lie between -2^30 and 2^30: pixels are fewer than 2^22. */
void bf_q8_fixed_global_average(bf_pool *pool, size_t batch, size_t pixels, size_t channels,
                                ptrdiff_t in_stride, const void *input, const bf_affine *input_affine,
                                bf_fixed_scale scale, void *output, const bf_affine *output_affine);

/* Interpolation as a sum of `taps` source rows and columns for each output row and column: indices and
 * weights are made by the caller ([out_height][taps] …), which knows the coordinate rule. taps 1 is
 * nearest, 2 linear, 4 cubic. */
typedef struct bf_resize {
  size_t batch, in_height, in_width, out_height, out_width, channels;
  size_t taps;
  const int32_t *row_index, *column_index;
  const float *row_weight, *column_weight; /* NULL when taps is 1 */
} bf_resize;
void bf_f32_resize(bf_pool *pool, const bf_resize *shape, const float *input, float *output);

#if defined(__cplusplus)
}
#endif
#endif
