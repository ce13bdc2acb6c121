/* Inside of the float32 contractions: what an instruction set provides, and what drives it.
 *
 * Everything is made of tiles: a few rows of the result by up to `panel` vectors of columns. A row of the
 * left operand is a pointer for each tap; the right operand is packed by panels, [panel][tap][k][width],
 * where the last panel is as many vectors wide as it needs. */
#ifndef BF_F32_H
#define BF_F32_H

#include "bf_contraction.h"

/* An epilogue as tiles use it. */
typedef struct f32_epilogue {
  bf_epilogue epilogue;
  float scale;
  bool is_plain; /* both activations are clamps, with the bounds below */
  float low, high, residual_low, residual_high;
} f32_epilogue;
f32_epilogue f32_prepare(const bf_epilogue *epilogue, float scale);

/* What is left to do for results at some row and column: pointers moved there. */
typedef struct f32_target {
  const f32_epilogue *epilogue;
  float *c;
  ptrdiff_t c_stride;
  const float *bias, *residual; /* NULL for none */
  ptrdiff_t residual_stride;
  size_t columns;               /* those that exist */
} f32_target;
f32_target f32_target_at(const f32_epilogue *epilogue, float *c, ptrdiff_t c_stride, size_t row, size_t column,
                         size_t columns);

typedef struct f32_tile {
  const float *const *rows; /* [taps][row_step] pointers */
  size_t row_step;
  ptrdiff_t offset;         /* added to each */
  size_t taps, k;
  const float *b;
  ptrdiff_t b_stride;
  float *partial;           /* sums of earlier and for later parts of k; rows as wide as the tile */
  bool is_first, is_last;
  const char *ahead;        /* prefetched during the tile, ahead_step bytes further for each k */
  ptrdiff_t ahead_step;
  f32_target target;
} f32_tile;

enum { F32_MAX_VECTORS = 4, F32_MAX_ROWS = 12, F32_MAX_PANEL = 64, F32_DEPTHWISE_COLUMNS = 7 };

/* Neighbouring results of a depthwise convolution, in one line or two, all channels of some blocks. */
typedef struct f32_depthwise {
  bool is_fixed;               /* a kernel of 3x3 or 5x5, stride 1 or 2, no dilation, a vector of channels */
  const float *input;          /* of the first tap of the first result, maybe outside */
  ptrdiff_t row_pitch, pixel_pitch; /* row_pitch between kernel rows, dilation included */
  const float *weights;        /* [block][kernel_height][kernel_width][vector] */
  size_t kernel_height, kernel_width, stride, dilation;
  size_t lines, columns;       /* results; columns is 1, 2, 4 or 7 */
  size_t first_row, end_row, first_column, end_column; /* of what is read, those inside the input */
  size_t channels, first_block, end_block;
  f32_target target[2];        /* of each line */
  ptrdiff_t lines_pitch;       /* from a line's results to those that many lines below */
} f32_depthwise;

/* Tiles of 4x4 results of a 3x3 convolution, and 6x6 numbers for each channel in between. */
typedef struct f32_winograd {
  const float *input;          /* the tile's first number, maybe outside */
  ptrdiff_t row_pitch, pixel_pitch;
  size_t first_row, end_row, first_column, end_column; /* inside the input, in 0...6 */
  size_t channels;
  float *spread;               /* [36][spread_pitch] */
  ptrdiff_t spread_pitch;
  size_t rows, columns;        /* results that exist, at most 4x4 */
  f32_target target;           /* of the tile's first row; rows of results are out_row_pitch apart */
  ptrdiff_t out_row_pitch, residual_row_pitch;
} f32_winograd;

typedef struct f32_kernels {
  size_t vector;                      /* floats */
  size_t panel;                       /* vectors */
  size_t max_rows[F32_MAX_VECTORS];   /* by vectors - 1 */
  void (*const (*tile)[F32_MAX_ROWS])(const f32_tile *); /* [vectors - 1][rows - 1] */
  void (*depthwise)(const f32_depthwise *);
  size_t depthwise_lines;
  void (*winograd_input)(const f32_winograd *);
  void (*winograd_output)(const f32_winograd *);
  /* packed[i][j] = b[i * row_stride + j * column_stride], `width` is whole vectors, from `columns` on 0 */
  void (*pack)(const float *b, ptrdiff_t row_stride, ptrdiff_t column_stride, size_t k, size_t columns,
               size_t width, float *packed);
  /* to[i * channels + c] = from[c * plane + i] */
  void (*interleave)(const float *from, size_t plane, size_t channels, size_t count, float *to);
  /* c[j] = scale * sum a[i] b[j * b_stride + i], through the target */
  void (*dot)(const float *a, const float *b, ptrdiff_t b_stride, size_t k, const f32_target *target);
} f32_kernels;

extern const f32_kernels f32_portable, f32_neon, f32_avx2, f32_avx512;
const f32_kernels *f32_current(void);

/* An activation in place; x has room for 31 numbers behind the last, which may change. */
typedef void f32_activate(bf_activation activation, float a, float b, float *x, size_t count);
f32_activate f32_activate_portable, f32_activate_neon, f32_activate_avx2, f32_activate_avx512;

/* ---- Blocks of rows ------------------------------------------------------------------------------ */

enum { F32_BLOCK_ROWS = 144 };

/* Some rows of a product, by some panels. */
typedef struct f32_block {
  const float *const *rows; /* [taps][row_step] */
  size_t row_step, row_count;
  bool is_new;              /* the rows have not been read before */
  ptrdiff_t offset;
  size_t taps, k, n;
  const float *packed;
  size_t first_panel, end_panel;
  float *c;                 /* of the first row, column 0 */
  ptrdiff_t c_stride;
  size_t row;               /* of the residual */
  const f32_epilogue *epilogue;
} f32_block;
void f32_run_block(const f32_kernels *kernels, const f32_block *block);
/* The tiles of one panel, wherever its columns lie. */
void f32_run_panel(const f32_kernels *kernels, const f32_block *block, const float *b, ptrdiff_t b_stride,
                   size_t first_column, size_t columns);

size_t f32_packed_floats(const f32_kernels *kernels, size_t k, size_t n);
static inline size_t f32_panel_columns(const f32_kernels *kernels) { return kernels->vector * kernels->panel; }
static inline size_t f32_ceil(size_t x, size_t y) { return (x + y - 1) / y; }
static inline size_t f32_min(size_t x, size_t y) { return x < y ? x : y; }
static inline size_t f32_max(size_t x, size_t y) { return x > y ? x : y; }
static inline size_t f32_aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

/* A product cut into chunks for threads: blocks of rows by groups of panels. */
typedef struct f32_plan {
  size_t row_blocks, panel_groups;
} f32_plan;
/* `row_bytes`: what one row brings into the cache; `max_rows`: of a block. */
f32_plan f32_make_plan(const f32_kernels *kernels, size_t threads, size_t rows, size_t n, size_t k, size_t row_bytes,
                       size_t max_rows);
/* The part `index` of `count` almost equal ones. */
static inline size_t f32_part(size_t whole, size_t index, size_t count) { return whole * index / count; }

/* ---- Algorithms of the convolution; each in its file --------------------------------------------- */

typedef struct f32_conv_call {
  const f32_kernels *kernels;
  bf_pool *pool;
  const bf_conv_shape *shape;
  const float *input, *packed;
  float *output;
  f32_epilogue epilogue;
  unsigned char *scratch;
} f32_conv_call;

void f32_pointwise(const f32_conv_call *call);
void f32_indirect(const f32_conv_call *call);
void f32_few_channels(const f32_conv_call *call);
void f32_depthwise_conv(const f32_conv_call *call);
void f32_winograd_conv(const f32_conv_call *call);
size_t f32_indirect_scratch(const bf_conv_shape *shape, size_t threads);
size_t f32_few_channels_scratch(const bf_conv_shape *shape, size_t threads);
size_t f32_winograd_scratch(const bf_conv_shape *shape, size_t threads);
size_t f32_depthwise_packed_floats(const bf_conv_shape *shape);
void f32_depthwise_pack(const bf_conv_shape *shape, const float *weights, float *packed);
size_t f32_winograd_packed_floats(const bf_conv_shape *shape);
void f32_winograd_pack(const bf_conv_shape *shape, const float *weights, float *packed);
bool f32_winograd_pays(const bf_conv_shape *shape, size_t threads);
bool f32_depthwise_takes(const bf_conv_shape *shape);

#endif
