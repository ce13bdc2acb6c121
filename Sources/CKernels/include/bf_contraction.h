/* Real products: matrices, convolutions. Activations have channels last. float32 unless named otherwise. */
#ifndef BF_CONTRACTION_H
#define BF_CONTRACTION_H

#include "bf_pool.h"

#if defined(__cplusplus)
extern "C" {
#endif

/* A function of one number x with parameters a and b. */
typedef enum bf_activation {
  BF_IDENTITY = 0,
  BF_RELU,         /* max(x, 0) */
  BF_CLAMP,        /* min(max(x, a), b) */
  BF_LEAKY_RELU,   /* x < 0 ? a x : x */
  BF_SIGMOID,
  BF_TANH,
  BF_SILU,         /* x sigmoid(a x) */
  BF_HARD_SIGMOID, /* clamp(a x + b, 0, 1) */
  BF_HARD_SWISH,   /* x clamp(x / 6 + 1/2, 0, 1) */
  BF_GELU_ERF,
  BF_GELU_TANH,
  BF_ELU,          /* x < 0 ? a (exp x - 1) : x */
  BF_SOFTPLUS,     /* log(1 + exp x) */
  BF_MISH          /* x tanh(log(1 + exp x)) */
} bf_activation;

/* What happens to a sum before it is stored: r = act2(act1(sum + bias) + residual). The residual may not
 * overlap the result. */
typedef struct bf_epilogue {
  const float *bias;          /* one for each column (output channel); NULL for none */
  bf_activation activation;
  float a, b;
  const float *residual;      /* same rows as the result; NULL for none */
  ptrdiff_t residual_stride;  /* elements between its rows (pixels) */
  bf_activation residual_activation;
  float residual_a, residual_b;
} bf_epilogue;

/* ---- Matrix products with one operand known before the run -------------------------------------- */

/* Bytes of a packed k x n operand, under the instruction set in use. Packed buffers are 64-byte aligned. */
size_t bf_f32_packed_bytes(size_t k, size_t n);
/* b[i * row_stride + j * column_stride] for 0 <= i < k, 0 <= j < n. */
void bf_f32_pack(const float *b, ptrdiff_t row_stride, ptrdiff_t column_stride, size_t k, size_t n,
                 float *packed);
/* c = epilogue(a b), a is m x k with rows a_stride apart. M = 1 streams the weights. */
void bf_f32_gemm(bf_pool *pool, size_t m, size_t n, size_t k, const float *a, ptrdiff_t a_stride,
                 const float *packed, float *c, ptrdiff_t c_stride, const bf_epilogue *epilogue);

/* ---- Batched products of two operands of the run ------------------------------------------------ */

/* One operand: element (o, i, r, c) at outer*o + inner*i + row*r + column*c. A stride of 0 broadcasts. */
typedef struct bf_batch_strides {
  ptrdiff_t outer, inner, row, column;
} bf_batch_strides;

typedef struct bf_batched_gemm {
  size_t outer, inner; /* batch extents */
  size_t m, n, k;
  float scale;         /* c = scale a b, then the epilogue (bias by column; residual is not allowed) */
  bf_batch_strides a, b, c; /* any strides; c.column is 1 */
} bf_batched_gemm;

/* Scratch that a call needs; 64-byte aligned. */
size_t bf_f32_batched_gemm_scratch(const bf_batched_gemm *shape, size_t threads);
void bf_f32_batched_gemm(bf_pool *pool, const bf_batched_gemm *shape, const float *a, const float *b,
                         float *c, const bf_epilogue *epilogue, void *scratch);

/* ---- Convolution -------------------------------------------------------------------------------- */

typedef struct bf_conv_shape {
  size_t batch, in_height, in_width, in_channels;
  size_t out_height, out_width, out_channels;
  size_t kernel_height, kernel_width, stride_height, stride_width, dilation_height, dilation_width;
  size_t pad_top, pad_left; /* padding below and right follows from the output's extents */
  size_t groups;
  ptrdiff_t in_stride, out_stride; /* elements between pixels; at least the channels */
  bool in_planar; /* the input has channels first, contiguous; only where `bf_f32_conv_takes_planar` */
} bf_conv_shape;

typedef enum bf_conv_algorithm {
  BF_CONV_POINTWISE = 1, /* 1x1, stride 1: a matrix product over the pixels */
  BF_CONV_INDIRECT,      /* a matrix product over rows of pointers */
  BF_CONV_DEPTHWISE,     /* groups == in_channels == out_channels (or a multiple) */
  BF_CONV_FEW_CHANNELS,  /* stems: few input channels, packed by kernel row */
  BF_CONV_WINOGRAD,      /* 3x3, stride 1 */
  BF_CONV_GROUPED        /* groups of channels, one product each */
} bf_conv_algorithm;

/* The algorithm for a shape; deterministic. */
bf_conv_algorithm bf_f32_conv_choose(const bf_conv_shape *shape, size_t threads);
/* Whether the algorithm reads a channels-first input of this shape directly (shape->in_planar). */
bool bf_f32_conv_takes_planar(const bf_conv_shape *shape, bf_conv_algorithm algorithm);
size_t bf_f32_conv_packed_bytes(const bf_conv_shape *shape, bf_conv_algorithm algorithm);
/* `weights` is [out_channels][in_channels / groups][kernel_height][kernel_width], contiguous. */
void bf_f32_conv_pack(const bf_conv_shape *shape, bf_conv_algorithm algorithm, const float *weights,
                      float *packed);
size_t bf_f32_conv_scratch(const bf_conv_shape *shape, bf_conv_algorithm algorithm, size_t threads);
void bf_f32_conv(bf_pool *pool, const bf_conv_shape *shape, bf_conv_algorithm algorithm,
                 const float *input, const float *packed, float *output, const bf_epilogue *epilogue,
                 void *scratch);

/* Transposed convolution: the shape is that of the result as `out_*`; `pad_*` cut off the result.
 * `weights` is [in_channels][out_channels / groups][kernel_height][kernel_width]. */
size_t bf_f32_deconv_packed_bytes(const bf_conv_shape *shape);
void bf_f32_deconv_pack(const bf_conv_shape *shape, const float *weights, float *packed);
size_t bf_f32_deconv_scratch(const bf_conv_shape *shape, size_t threads);
void bf_f32_deconv(bf_pool *pool, const bf_conv_shape *shape, const float *input, const float *packed,
                   float *output, const bf_epilogue *epilogue, void *scratch);

#if defined(__cplusplus)
}
#endif
#endif
