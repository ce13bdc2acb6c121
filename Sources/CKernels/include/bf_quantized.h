/* Integer products with 32-bit sums, and what turns real numbers into integers and back. */
#ifndef BF_QUANTIZED_H
#define BF_QUANTIZED_H

#include "bf_contraction.h"

#if defined(__cplusplus)
extern "C" {
#endif

typedef enum bf_byte { BF_U8 = 0, BF_S8 = 1 } bf_byte;

/* x = scale (q - zero_point). */
typedef struct bf_affine {
  bf_byte type;
  float scale;
  int32_t zero_point;
} bf_affine;

/* The factor multiplier * 2^(shift - 31) of 32-bit integers, multiplier 0 or at least 2^30 and shift -31 to 30,
 * as TFLite's reference kernels multiply by it, rounding twice: x * 2^max(shift, 0) * multiplier / 2^31, halves
 * up, then the quotient by 2^max(-shift, 0), halves away from zero. */
typedef struct bf_fixed_scale {
  int32_t multiplier, shift;
} bf_fixed_scale;

/* Where an integer sum goes. sum = Σ (x - x0)(w - w0[n]) + bias[n], exact in 32 bits (wraps). */
typedef enum bf_sum_result {
  BF_SUM_INT32, /* the sum itself */
  BF_SUM_REAL,  /* float: activation(sum * multiplier[n] + real_bias[n]) + residual handling as in bf_epilogue */
  BF_SUM_BYTE,  /* round-half-even(real / output.scale) + zero point, saturated; real as in BF_SUM_REAL */
  BF_SUM_FIXED  /* byte: the sum times fixed_multiplier[n], fixed_shift[n], plus output.zero_point, saturated */
} bf_sum_result;

typedef struct bf_sum_epilogue {
  bf_sum_result result;
  const int32_t *bias;      /* for each column; NULL for none */
  const float *multiplier;  /* x scale * w scale, for each column; n of them */
  const float *real_bias;   /* for each column; NULL for none */
  bf_activation activation; /* of the real value */
  float a, b;
  const void *residual;     /* bytes described by residual_affine, added to the real value after the
                               activation; NULL for none */
  ptrdiff_t residual_stride;
  bf_affine residual_affine;
  bf_activation residual_activation;
  float residual_a, residual_b;
  bf_affine output;         /* for BF_SUM_BYTE; of BF_SUM_FIXED its type and zero point */
  /* For BF_SUM_FIXED, which reads of the above only the bias: a bf_fixed_scale for each column. */
  const int32_t *fixed_multiplier, *fixed_shift;
} bf_sum_epilogue;

/* Weights k x n of type `weights`, zero points one for each column or one for all (zero_points NULL is 0;
 * zero_point_count 1 or n). */
size_t bf_q8_packed_bytes(size_t k, size_t n);
void bf_q8_pack(const void *b, bf_byte type, ptrdiff_t row_stride, ptrdiff_t column_stride, size_t k,
                size_t n, const int32_t *zero_points, size_t zero_point_count, void *packed);
/* a is m x k bytes of type `a_type` with zero point a_zero_point (one for all rows). c: int32, float or bytes. */
size_t bf_q8_gemm_scratch(size_t m, size_t n, size_t k, size_t threads);
void bf_q8_gemm(bf_pool *pool, size_t m, size_t n, size_t k, const void *a, bf_byte a_type,
                int32_t a_zero_point, ptrdiff_t a_stride, const void *packed, void *c, ptrdiff_t c_stride,
                const bf_sum_epilogue *epilogue, void *scratch);

/* Convolution; the padding counts as the input's zero point. A depthwise result must not overlap its residual:
 * some bytes of it are written twice. in_planar is not read. */
size_t bf_q8_conv_packed_bytes(const bf_conv_shape *shape);
void bf_q8_conv_pack(const bf_conv_shape *shape, const void *weights, bf_byte type,
                     const int32_t *zero_points, size_t zero_point_count, void *packed);
size_t bf_q8_conv_scratch(const bf_conv_shape *shape, size_t threads);
void bf_q8_conv(bf_pool *pool, const bf_conv_shape *shape, const void *input, bf_byte input_type,
                int32_t input_zero_point, const void *packed, void *output,
                const bf_sum_epilogue *epilogue, void *scratch);

/* q = saturate(round-half-even(x / scale) + zero point), rows of `columns` elements. */
void bf_quantize(bf_pool *pool, size_t count, const float *x, const bf_affine *affine, void *q);
void bf_dequantize(bf_pool *pool, size_t count, const void *q, const bf_affine *affine, float *x);
/* ONNX DynamicQuantizeLinear to uint8: the range includes 0. */
void bf_dynamic_range(bf_pool *pool, size_t count, const float *x, float *scale, int32_t *zero_point);
/* out = q((a - a0) sa op (b - b0) sb), op 0 add, 1 multiply; equal shapes. */
void bf_q8_binary(bf_pool *pool, size_t count, int op, const void *x, const bf_affine *x_affine,
                  const void *y, const bf_affine *y_affine, const bf_affine *out_affine, void *out);
/* out = q(x_table[x] op y_table[y]), op 0 add, 1 multiply, tables by the byte as uint8; q is that of
 * BF_SUM_FIXED with out_affine's type and zero point. Sums and products lie between -2^30 and 2^30. */
void bf_q8_fixed_binary(bf_pool *pool, size_t count, int op, const void *x, const int32_t x_table[256],
                        const void *y, const int32_t y_table[256], bf_fixed_scale scale,
                        const bf_affine *out_affine, void *out);
/* Any function of one byte: out[i] = table[x[i]] (index as uint8). */
void bf_byte_table(bf_pool *pool, size_t count, const void *x, const uint8_t table[256], void *out);

/* Weights of 4 or 8 bits in blocks along k (ONNX MatMulNBits layout): c = a · dequantized(b). */
typedef struct bf_block_quantized {
  size_t k, n, block_size; /* block_size: power of two >= 16 */
  int bits;                /* 4 or 8 */
} bf_block_quantized;
size_t bf_block_packed_bytes(const bf_block_quantized *shape);
/* b: [n][ceil(k / block)][block * bits / 8]; scales: [n][blocks]; zero_points: packed like b by block
 * ([n][ceil(blocks * bits / 8)]), NULL for 2^(bits - 1). */
void bf_block_pack(const bf_block_quantized *shape, const uint8_t *b, const float *scales,
                   const uint8_t *zero_points, void *packed);
void bf_block_gemm(bf_pool *pool, const bf_block_quantized *shape, size_t m, const float *a,
                   ptrdiff_t a_stride, const void *packed, float *c, ptrdiff_t c_stride,
                   const bf_epilogue *epilogue);

#if defined(__cplusplus)
}
#endif
#endif
