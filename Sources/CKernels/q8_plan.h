/* What matrix products, convolutions and depthwise convolutions prepare alike. */
#ifndef Q8_PLAN_H
#define Q8_PLAN_H

#include "q8_kernels.h"

/* Before packed weights. Then come the sums of the weights, their zero points, and they themselves. */
typedef struct q8_packed {
  uint32_t has_weight_zeros;
  uint32_t passes; /* depthwise: bytes whose sum a weight is */
  uint8_t unused[56];
} q8_packed;

static inline size_t q8_aligned(size_t bytes) { return q8_round_up(bytes, 64); }

/* The kernels' view of activations. */
typedef struct q8_input {
  uint8_t padding; /* the byte of the zero point */
  uint8_t flip;
  int32_t zero_point; /* of flipped bytes */
  bool is_signed;     /* flipped bytes are */
} q8_input;
q8_input q8_describe_input(const q8_kernels *kernels, bf_byte type, int32_t zero_point);

/* Prepared parameters of `count` column slots. */
typedef struct q8_prepared {
  q8_result result;
  int32_t *offset;
  float *multiplier, *real_bias;
  int32_t *fixed_multiplier, *fixed_right; /* in the same memory */
  float real_addend; /* of the residual's zero point */
} q8_prepared;
static inline size_t q8_prepared_bytes(size_t count) { return 3 * q8_aligned(count * 4); }
void q8_prepare(q8_prepared *prepared, const bf_sum_epilogue *epilogue, size_t k, size_t columns, void *output,
                ptrdiff_t stride, size_t slots, uint8_t *scratch);
/* The slot's parameters from those of a column; `correction` is added to the sum. */
void q8_prepare_slot(q8_prepared *prepared, size_t slot, size_t column, int32_t correction);

/* Parts for threads: rows of the result, in tiles of `row_multiple`, by units of columns. Parts are as
 * large as one another, but for a tile and a unit. */
typedef struct q8_split {
  size_t rows, tiles, row_multiple, row_parts, units, unit_parts;
} q8_split;
q8_split q8_split_work(size_t rows, size_t row_multiple, size_t row_limit, size_t units, double products,
                       size_t threads);
/* One of row_parts * unit_parts. */
typedef struct q8_piece {
  size_t first_row, end_row, first_unit, end_unit;
} q8_piece;
q8_piece q8_piece_of(const q8_split *split, size_t index);

bool q8_is_depthwise(const bf_conv_shape *shape);
size_t q8_depthwise_packed_bytes(const bf_conv_shape *shape);
void q8_depthwise_pack(const bf_conv_shape *shape, const void *weights, bf_byte type, const int32_t *zero_points,
                       size_t zero_point_count, void *packed);
size_t q8_depthwise_scratch(const bf_conv_shape *shape, size_t threads);
void q8_depthwise_run(bf_pool *pool, const bf_conv_shape *shape, const void *input, bf_byte input_type,
                      int32_t input_zero_point, const void *packed, void *output, const bf_sum_epilogue *epilogue,
                      void *scratch);

#endif
