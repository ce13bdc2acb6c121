/* What the byte kernels of each instruction set are given, and the table through which they are found. */
#ifndef Q8_KERNELS_H
#define Q8_KERNELS_H

#include "bf_quantized.h"
#include "bf_spatial.h"
#include "q8_fixed.h"

#define Q8_INLINE static inline __attribute__((always_inline, unused))

enum { Q8_MAX_PANEL = 64, Q8_MAX_ROWS = 6 };

/* How sums become results: bytes within the registers, where activations are bounds of the byte. */
typedef enum q8_form { Q8_BYTE, Q8_BYTE_RESIDUAL, Q8_BYTE_FIXED, Q8_GENERAL } q8_form;

typedef struct q8_result {
  q8_form form;
  void *output;
  ptrdiff_t stride; /* elements */
  const bf_sum_epilogue *epilogue;
  /* Q8_BYTE*: bytes are made as uint8 and flipped to int8 at the end. */
  int32_t zero_point;
  uint8_t low, high, flip, residual_flip;
  bool is_plain;        /* neither zero point nor bounds change what saturation gives */
  float residual_scale; /* over the output's */
} q8_result;

/* Column parameters; vectors of them are read past the last column, up to a whole panel. */
typedef struct q8_columns {
  const int32_t *offset;   /* where sums start */
  const float *multiplier; /* over the output's scale for bytes */
  const float *real_bias;
  const int32_t *fixed_multiplier, *fixed_right; /* for Q8_BYTE_FIXED, in place of the two before */
  const int32_t *weight_zero; /* NULL when all are 0 */
} q8_columns;

/* One panel of columns times a block of rows. */
typedef struct q8_panel {
  const uint8_t *const *rows; /* [tile][tap][rows of a tile] */
  size_t row_count, taps;
  size_t groups, tail; /* of 4 bytes in each tap; bytes after them */
  ptrdiff_t input_offset;
  uint32_t flip;
  const int8_t *weights; /* [tap][group][column][4] */
  const int32_t *row_sums;
  q8_columns columns;
  size_t first_row, first_column, column_count, vectors;
  const q8_result *result;
} q8_panel;

/* One row of output pixels, one block of channels. Kernel rows come in groups of four. */
typedef struct q8_depthwise_row {
  const uint8_t *const *rows; /* [groups][4], at the block's first channel */
  const ptrdiff_t *steps;     /* bytes between pixels of each; 0 where it is padding */
  const uint8_t *padding;     /* a pixel of padding */
  size_t groups, kernel_height, kernel_width, stride, dilation, pad_left, in_width, out_width;
  uint32_t flip;
  const int8_t *weights; /* [group][kernel column][4][lane][4] */
  q8_columns columns;    /* in the order of the lanes */
  size_t first_row, first_column, column_count;
  const q8_result *result;
} q8_depthwise_row;

/* Activations of block-quantized products: three signed digits of base 256, and what corrects for the
 * weights' zero points. */
typedef struct q8_block_panel {
  size_t rows, row_stride; /* rows of digits; digits of a row: [segment][3][segment length] */
  const int8_t *digits;
  const float *scales;      /* [row][segment] */
  const int32_t *digit_sums, *starts; /* [row][segment][3]; where sums of products start */
  size_t segments, segment, segments_per_block;
  size_t first_segment; /* within its block */
  int bits;
  const uint8_t *packed; /* panel of blocks */
  size_t block_bytes, weight_bytes; /* of a block in the panel: all; without scales and zero points */
  bool has_zero_points;
  float *sums;        /* [row][panel], added to */
} q8_block_panel;

typedef struct q8_kernels {
  size_t lanes, vectors, rows; /* a tile has `rows` rows and lanes * vectors columns */
  bool native_is_signed;       /* the activations' type; the other one is flipped */
  void (*panel)(const q8_panel *);
  size_t depthwise_width;      /* channels of a block */
  void (*depthwise)(const q8_depthwise_row *);
  void (*depthwise_half)(const q8_depthwise_row *); /* blocks of half the width, or NULL */
  size_t block_panel;
  void (*block)(const q8_block_panel *);
  float (*split_digits)(size_t count, const float *, size_t segment, int8_t *, int32_t *sums);
  void (*quantize)(size_t, const float *, const bf_affine *, void *);
  void (*dequantize)(size_t, const void *, const bf_affine *, float *);
  void (*range)(size_t, const float *, float *low, float *high);
  void (*binary)(size_t, int, const void *, const bf_affine *, const void *, const bf_affine *,
                 const bf_affine *, void *);
  /* sums[c] += x[c] and best[c] = max(best[c], x[c]) for rows of bytes */
  void (*add_bytes)(size_t, const uint8_t *, uint8_t flip, int32_t *);
  void (*max_bytes)(size_t, const uint8_t *, uint8_t flip, uint8_t *);
  void (*scale_sums)(size_t, const int32_t *, float multiplier, float addend, const bf_affine *, uint8_t *);
  void (*fix_sums)(size_t, const int32_t *, bf_fixed_scale, const bf_affine *, uint8_t *);
  void (*activate)(bf_activation, float a, float b, size_t, float *);
} q8_kernels;

extern const q8_kernels q8_portable;
#if defined(__x86_64__)
extern const q8_kernels q8_avx2, q8_avx2_vnni, q8_avx512, q8_avx512_vnni;
void q8_depthwise_avx2(const q8_depthwise_row *);
void q8_depthwise_avx512_vnni_256(const q8_depthwise_row *);
#endif
#if defined(__aarch64__)
extern const q8_kernels q8_neon, q8_neon_dot;
#endif

static inline const q8_kernels *q8_current(void) {
  switch (bf_isa_current()) {
#if defined(__x86_64__)
  case BF_ISA_AVX2: return &q8_avx2;
  case BF_ISA_AVX2_VNNI: return &q8_avx2_vnni;
  case BF_ISA_AVX512: return &q8_avx512;
  case BF_ISA_AVX512_VNNI:
  case BF_ISA_AVX512_BF16: return &q8_avx512_vnni;
#endif
#if defined(__aarch64__)
  case BF_ISA_NEON: return &q8_neon;
  case BF_ISA_NEON_DOT: return &q8_neon_dot;
#endif
  default: return &q8_portable;
  }
}

static inline size_t q8_ceil(size_t a, size_t b) { return (a + b - 1) / b; }
static inline size_t q8_round_up(size_t a, size_t b) { return q8_ceil(a, b) * b; }
static inline size_t q8_min(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t q8_max(size_t a, size_t b) { return a > b ? a : b; }

#endif
