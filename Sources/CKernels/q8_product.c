#include "q8_plan.h"

#include <string.h>

/* How rows of activations are found. */
typedef enum q8_rows {
  Q8_MATRIX,   /* at a stride */
  Q8_INDIRECT, /* one pointer for each kernel position */
  Q8_BANDS     /* few channels: one pointer for each kernel row, into the input or to a copy */
} q8_rows;

/* Layout of packed weights: k bytes in `taps` parts, each of whole groups of four. */
typedef struct q8_layout {
  size_t groups, columns; /* convolution groups, columns of each */
  size_t taps, depth;     /* k = taps * depth */
  size_t slots;           /* columns of a group, up to whole vectors */
  size_t quads;           /* groups of 4 bytes of a column */
} q8_layout;

static q8_layout layout_of(const q8_kernels *kernels, size_t groups, size_t columns, size_t taps, size_t depth) {
  return (q8_layout){groups, columns, taps, depth, q8_round_up(columns, kernels->lanes), taps * q8_ceil(depth, 4)};
}

static size_t layout_bytes(const q8_layout *l) {
  return sizeof(q8_packed) + 2 * q8_aligned(l->groups * l->slots * 4) + l->groups * l->slots * l->quads * 4;
}

typedef struct q8_parts {
  int32_t *sums, *zeros;
  int8_t *weights;
} q8_parts;

static q8_parts parts_of(const q8_layout *l, const void *packed) {
  size_t array = q8_aligned(l->groups * l->slots * 4);
  uint8_t *start = (uint8_t *)(uintptr_t)packed + sizeof(q8_packed);
  return (q8_parts){(int32_t *)(void *)start, (int32_t *)(void *)(start + array), (int8_t *)(start + 2 * array)};
}

/* The weight of (group, column, tap, depth) lies at the sum of the strides. */
typedef struct q8_source {
  const uint8_t *bytes;
  bf_byte type;
  ptrdiff_t group, column, tap, depth;
  const int32_t *zero_points;
  size_t zero_point_count;
  size_t bands, taps, depth_count; /* kernel rows, positions in each, channels */
  size_t band_pitch, tap_pitch;    /* bytes between them in a packed column */
} q8_source;

static void pack(const q8_kernels *kernels, const q8_layout *l, const q8_source *source, void *packed) {
  q8_packed *header = packed;
  *header = (q8_packed){0};
  q8_parts parts = parts_of(l, packed);
  const uint8_t flip = source->type == BF_U8 ? 0x80 : 0;
  const size_t panel = kernels->lanes * kernels->vectors;
  memset(parts.sums, 0, l->groups * l->slots * 4);
  memset(parts.zeros, 0, l->groups * l->slots * 4);
  memset(parts.weights, 0, l->groups * l->slots * l->quads * 4);
  for (size_t g = 0; g < l->groups; g++)
    for (size_t first = 0; first < l->columns; first += panel) {
      int8_t *to = parts.weights + (g * l->slots + first) * l->quads * 4;
      size_t width = q8_min(panel, l->slots - first);
      for (size_t c = 0; c < q8_min(width, l->columns - first); c++) {
        size_t column = g * l->columns + first + c, slot = g * l->slots + first + c;
        const uint8_t *from =
            source->bytes + (ptrdiff_t)g * source->group + (ptrdiff_t)(first + c) * source->column;
        uint32_t sum = 0;
        for (size_t t = 0; t < source->bands * source->taps; t++)
          for (size_t d = 0; d < source->depth_count; d++) {
            size_t k = t / source->taps * source->band_pitch + t % source->taps * source->tap_pitch + d;
            int8_t w = (int8_t)(from[(ptrdiff_t)t * source->tap + (ptrdiff_t)d * source->depth] ^ flip);
            sum += (uint32_t)(int32_t)w;
            to[(k / 4 * width + c) * 4 + k % 4] = w;
          }
        parts.sums[slot] = (int32_t)sum;
        if (source->zero_points) {
          int32_t zero = source->zero_points[source->zero_point_count == 1 ? 0 : column];
          parts.zeros[slot] = zero - (flip ? 128 : 0);
        } else if (flip) {
          parts.zeros[slot] = -128;
        }
        if (parts.zeros[slot] != 0) header->has_weight_zeros = 1;
      }
    }
}

typedef struct q8_product {
  const q8_kernels *kernels;
  q8_layout layout;
  q8_parts parts;
  bool has_weight_zeros;
  q8_rows kind;
  size_t rows;
  const bf_conv_shape *shape; /* not of matrices */
  const uint8_t *input;
  ptrdiff_t input_stride;
  q8_input description;
  const uint8_t *padding;
  bool bands_are_contiguous;
  q8_prepared prepared;
  size_t panel, panels; /* columns of a panel, panels of a group */
  q8_split split;
  uint8_t *scratch;
  size_t thread_scratch;
} q8_product;

static size_t row_limit(const q8_layout *l) {
  /* A block of rows stays in the second level of cache beside a panel of weights. */
  size_t bytes = l->taps > 1 ? 2 * l->depth : q8_max(l->depth, 1);
  size_t limit = (256 << 10) / q8_max(bytes, 1);
  return limit < 48 ? 48 : limit > 192 ? 192 : limit;
}

enum { ROWS_OF_PART = 208 };

static size_t thread_bytes(const q8_layout *l, q8_rows kind) {
  size_t table = q8_aligned(ROWS_OF_PART * l->taps * sizeof(void *));
  size_t sums = q8_aligned(ROWS_OF_PART * 4);
  size_t gathered = kind == Q8_BANDS ? q8_aligned(ROWS_OF_PART * l->quads * 4 + 64) : 0;
  return table + sums + gathered;
}

static size_t scratch_bytes(const q8_layout *l, q8_rows kind, size_t channels, size_t threads) {
  return q8_prepared_bytes(l->groups * l->slots) + q8_aligned(channels + 64) +
         q8_max(threads, 1) * thread_bytes(l, kind);
}

/* Where a row of the result reads: the input's row and column of kernel position (0, 0). */
typedef struct q8_window {
  const uint8_t *image;
  ptrdiff_t y, x;
} q8_window;

/* The pixel of the result that a row is, and the ones after it. */
typedef struct q8_pixel {
  size_t image, y, x;
} q8_pixel;

static q8_pixel pixel_of(const bf_conv_shape *s, size_t row) {
  return (q8_pixel){row / s->out_width / s->out_height, row / s->out_width % s->out_height, row % s->out_width};
}

static inline q8_window window_of(const q8_product *p, const q8_pixel *pixel) {
  const bf_conv_shape *s = p->shape;
  return (q8_window){p->input + (ptrdiff_t)(pixel->image * s->in_height * s->in_width) * s->in_stride,
                     (ptrdiff_t)(pixel->y * s->stride_height) - (ptrdiff_t)s->pad_top,
                     (ptrdiff_t)(pixel->x * s->stride_width) - (ptrdiff_t)s->pad_left};
}

static inline bool is_inside(ptrdiff_t i, size_t extent) { return i >= 0 && i < (ptrdiff_t)extent; }

static inline bool covers(const bf_conv_shape *s, const q8_window *w) {
  return w->y >= 0 && w->x >= 0 &&
         w->y + (ptrdiff_t)((s->kernel_height - 1) * s->dilation_height) < (ptrdiff_t)s->in_height &&
         w->x + (ptrdiff_t)((s->kernel_width - 1) * s->dilation_width) < (ptrdiff_t)s->in_width;
}

static void point_row(const q8_product *p, const q8_window *w, const uint8_t **to, size_t step) {
  const bf_conv_shape *s = p->shape;
  for (size_t ky = 0; ky < s->kernel_height; ky++) {
    ptrdiff_t y = w->y + (ptrdiff_t)(ky * s->dilation_height);
    bool row_is_inside = is_inside(y, s->in_height);
    const uint8_t *line = row_is_inside ? w->image + y * (ptrdiff_t)s->in_width * s->in_stride : p->padding;
    for (size_t kx = 0; kx < s->kernel_width; kx++, to += step) {
      ptrdiff_t x = w->x + (ptrdiff_t)(kx * s->dilation_width);
      *to = row_is_inside && is_inside(x, s->in_width) ? line + x * s->in_stride : p->padding;
    }
  }
}

/* A copy of the kernel rows of one group's channels, each up to whole groups of four. */
static void copy_bands(const q8_product *p, const q8_window *w, size_t group, uint8_t *to, const uint8_t **entry,
                       size_t step) {
  const bf_conv_shape *s = p->shape;
  const size_t depth = s->in_channels / s->groups, pitch = q8_round_up(p->layout.depth, 4);
  for (size_t ky = 0; ky < s->kernel_height; ky++, to += pitch, entry += step) {
    *entry = to;
    ptrdiff_t y = w->y + (ptrdiff_t)(ky * s->dilation_height);
    memset(to, p->description.padding, pitch);
    if (!is_inside(y, s->in_height)) continue;
    const uint8_t *line = w->image + y * (ptrdiff_t)s->in_width * s->in_stride + group * depth;
    if (p->bands_are_contiguous) {
      ptrdiff_t first = w->x < 0 ? -w->x : 0, end = (ptrdiff_t)s->in_width - w->x;
      if (end > (ptrdiff_t)s->kernel_width) end = (ptrdiff_t)s->kernel_width;
      if (first < end)
        memcpy(to + (size_t)first * depth, line + (w->x + first) * s->in_stride, (size_t)(end - first) * depth);
      continue;
    }
    for (size_t kx = 0; kx < s->kernel_width; kx++) {
      ptrdiff_t x = w->x + (ptrdiff_t)(kx * s->dilation_width);
      if (is_inside(x, s->in_width)) memcpy(to + kx * depth, line + x * s->in_stride, depth);
    }
  }
}

static int32_t byte_sum(const uint8_t *bytes, size_t count, uint8_t flip, bool is_signed) {
  uint32_t sum = 0;
  if (is_signed)
    for (size_t i = 0; i < count; i++) sum += (uint32_t)(int32_t)(int8_t)(bytes[i] ^ flip);
  else
    for (size_t i = 0; i < count; i++) sum += bytes[i] ^ flip;
  return (int32_t)sum;
}

typedef struct q8_part {
  size_t first, count; /* rows */
  const uint8_t **table;
  int32_t *sums;
  uint8_t *copies;
} q8_part;

static inline const uint8_t **table_entry(const q8_product *p, const q8_part *part, size_t row) {
  size_t tile = p->kernels->rows;
  return part->table + row / tile * p->layout.taps * tile + row % tile;
}

/* Pixels from this one on in its row whose windows lie inside, when this one's does. */
static size_t inner_run(const bf_conv_shape *s, const q8_pixel *pixel, const q8_window *w) {
  size_t last = s->in_width - 1 - (s->kernel_width - 1) * s->dilation_width;
  return q8_min((last - (size_t)w->x) / s->stride_width + 1, s->out_width - pixel->x);
}

/* Pointers for all rows of the part; the last tile's missing rows repeat the last one. */
static void fill_table(const q8_product *p, const q8_part *part, size_t group) {
  const size_t tile = p->kernels->rows, taps = p->layout.taps, copy_bytes = p->layout.quads * 4;
  const bf_conv_shape *s = p->shape;
  if (p->kind == Q8_MATRIX) {
    for (size_t i = 0; i < part->count; i++)
      part->table[i] = p->input + (ptrdiff_t)(part->first + i) * p->input_stride;
  } else {
    const ptrdiff_t line_step = (ptrdiff_t)(s->dilation_height * s->in_width) * s->in_stride;
    const ptrdiff_t tap_step = (ptrdiff_t)s->dilation_width * s->in_stride;
    const ptrdiff_t pixel_step = (ptrdiff_t)s->stride_width * s->in_stride;
    const size_t band_taps = p->kind == Q8_BANDS ? 1 : s->kernel_width;
    const uint8_t *const end = p->input + (ptrdiff_t)(s->batch * s->in_height * s->in_width) * s->in_stride;
    const ptrdiff_t reach = (ptrdiff_t)(s->kernel_height - 1) * line_step + (ptrdiff_t)q8_round_up(p->layout.depth, 4);
    q8_pixel pixel = pixel_of(s, part->first);
    const uint8_t **entry = part->table;
    size_t in_tile = 0;
    for (size_t i = 0; i < part->count;) {
      q8_window w = window_of(p, &pixel);
      size_t run = 0;
      const uint8_t *from = NULL;
      if ((p->kind == Q8_INDIRECT || p->bands_are_contiguous) && covers(s, &w)) {
        run = q8_min(inner_run(s, &pixel, &w), part->count - i);
        from = w.image + (w.y * (ptrdiff_t)s->in_width + w.x) * s->in_stride;
        /* Bands read a few bytes after themselves, which meet weights of zero. */
        while (p->kind == Q8_BANDS && run > 0 && end - from < (ptrdiff_t)(run - 1) * pixel_step + reach) run--;
      }
      for (size_t r = 0; r < q8_max(run, 1); r++, i++) {
        if (run == 0) {
          if (p->kind == Q8_INDIRECT)
            point_row(p, &w, entry, tile);
          else
            copy_bands(p, &w, group, part->copies + i * copy_bytes, entry, tile);
        } else {
          const uint8_t **to = entry, *line = from;
          for (size_t ky = 0; ky < s->kernel_height; ky++, line += line_step) {
            const uint8_t *tap = line;
            for (size_t kx = 0; kx < band_taps; kx++, to += tile, tap += tap_step) *to = tap;
          }
          from += pixel_step;
        }
        entry++;
        if (++in_tile == tile) {
          in_tile = 0;
          entry += (taps - 1) * tile;
        }
      }
      pixel.x += q8_max(run, 1);
      if (pixel.x == s->out_width) {
        pixel.x = 0;
        if (++pixel.y == s->out_height) {
          pixel.y = 0;
          pixel.image++;
        }
      }
    }
  }
  const uint8_t *const *last = table_entry(p, part, part->count - 1);
  for (size_t i = part->count; i % tile != 0; i++)
    for (size_t t = 0; t < taps; t++) table_entry(p, part, i)[t * tile] = last[t * tile];
}

static void enter_group(const q8_product *p, const q8_part *part, size_t group) {
  const size_t taps = p->layout.taps, tile = p->kernels->rows, depth = p->layout.depth;
  if (p->kind == Q8_BANDS && p->layout.groups > 1) fill_table(p, part, group);
  if (!p->has_weight_zeros) return;
  size_t at = p->kind == Q8_INDIRECT ? group * depth : 0;
  for (size_t i = 0; i < part->count; i++) {
    const uint8_t *const *from = table_entry(p, part, i);
    uint32_t sum = 0;
    for (size_t t = 0; t < taps; t++)
      sum += (uint32_t)byte_sum(from[t * tile] + at, depth, p->description.flip, p->description.is_signed);
    part->sums[i] = (int32_t)sum;
  }
}

static void run_part(void *context, size_t index, size_t thread) {
  const q8_product *p = context;
  const q8_layout *l = &p->layout;
  q8_piece piece = q8_piece_of(&p->split, index);
  uint8_t *scratch = p->scratch + thread * p->thread_scratch;
  size_t table_bytes = q8_aligned(ROWS_OF_PART * l->taps * sizeof(void *));
  q8_part part = {.first = piece.first_row,
                  .count = piece.end_row - piece.first_row,
                  .table = (const uint8_t **)(void *)scratch,
                  .sums = (int32_t *)(void *)(scratch + table_bytes),
                  .copies = scratch + table_bytes + q8_aligned(ROWS_OF_PART * 4)};
  fill_table(p, &part, 0);
  q8_panel panel = {.rows = part.table,
                    .row_count = part.count,
                    .taps = l->taps,
                    .groups = p->kind == Q8_BANDS ? q8_ceil(l->depth, 4) : l->depth / 4,
                    .tail = p->kind == Q8_BANDS ? 0 : l->depth % 4,
                    .flip = p->description.flip * 0x01010101u,
                    .row_sums = part.sums,
                    .first_row = part.first,
                    .result = &p->prepared.result};
  size_t entered = SIZE_MAX;
  for (size_t unit = piece.first_unit; unit < piece.end_unit; unit++) {
    size_t group = unit / p->panels, first = unit % p->panels * p->panel;
    if (group != entered) enter_group(p, &part, group);
    entered = group;
    size_t slot = group * l->slots + first;
    panel.input_offset = p->kind == Q8_INDIRECT ? (ptrdiff_t)(group * l->depth) : 0;
    panel.weights = p->parts.weights + slot * l->quads * 4;
    panel.columns = (q8_columns){p->prepared.offset + slot, p->prepared.multiplier + slot,
                                 p->prepared.real_bias + slot, p->prepared.fixed_multiplier + slot,
                                 p->prepared.fixed_right + slot,
                                 p->has_weight_zeros ? p->parts.zeros + slot : NULL};
    panel.first_column = group * l->columns + first;
    panel.column_count = q8_min(p->panel, l->columns - first);
    panel.vectors = q8_ceil(panel.column_count, p->kernels->lanes);
    p->kernels->panel(&panel);
  }
}

static void run(q8_product *p, bf_pool *pool, const void *packed, size_t channels, void *output,
                ptrdiff_t output_stride, const bf_sum_epilogue *epilogue, void *scratch) {
  const q8_layout *l = &p->layout;
  if (p->rows == 0 || l->columns == 0) return;
  p->parts = parts_of(l, packed);
  p->has_weight_zeros = ((const q8_packed *)packed)->has_weight_zeros != 0;
  size_t k = l->taps * l->depth, slots = l->groups * l->slots;
  uint8_t *free_scratch = scratch;
  q8_prepare(&p->prepared, epilogue, k, l->groups * l->columns, output, output_stride, slots, free_scratch);
  for (size_t slot = 0; slot < slots; slot++) {
    size_t column = slot / l->slots * l->columns + q8_min(slot % l->slots, l->columns - 1);
    uint32_t zero = (uint32_t)p->description.zero_point;
    uint32_t correction = zero * ((uint32_t)k * (uint32_t)p->parts.zeros[slot] - (uint32_t)p->parts.sums[slot]);
    q8_prepare_slot(&p->prepared, slot, column, (int32_t)correction);
  }
  free_scratch += q8_prepared_bytes(slots);
  memset(free_scratch, p->description.padding, channels);
  p->padding = free_scratch;
  p->scratch = free_scratch + q8_aligned(channels + 64);
  p->thread_scratch = thread_bytes(l, p->kind);
  p->panel = p->kernels->lanes * p->kernels->vectors;
  p->panels = q8_ceil(l->columns, p->panel);
  p->split = q8_split_work(p->rows, p->kernels->rows, row_limit(l), l->groups * p->panels,
                           (double)p->rows * (double)l->columns * (double)l->groups * (double)k,
                           bf_pool_threads(pool));
  bf_pool_run(pool, p->split.row_parts * p->split.unit_parts, run_part, p);
}

size_t bf_q8_packed_bytes(size_t k, size_t n) {
  q8_layout l = layout_of(q8_current(), 1, n, 1, k);
  return layout_bytes(&l);
}

void bf_q8_pack(const void *b, bf_byte type, ptrdiff_t row_stride, ptrdiff_t column_stride, size_t k, size_t n,
                const int32_t *zero_points, size_t zero_point_count, void *packed) {
  q8_layout l = layout_of(q8_current(), 1, n, 1, k);
  q8_source source = {b, type, 0, column_stride, 0, row_stride, zero_points, zero_point_count, 1, 1, k, 0, 0};
  pack(q8_current(), &l, &source, packed);
}

size_t bf_q8_gemm_scratch(size_t m, size_t n, size_t k, size_t threads) {
  (void)m;
  q8_layout l = layout_of(q8_current(), 1, n, 1, k);
  return scratch_bytes(&l, Q8_MATRIX, 0, threads);
}

void bf_q8_gemm(bf_pool *pool, size_t m, size_t n, size_t k, const void *a, bf_byte a_type, int32_t a_zero_point,
                ptrdiff_t a_stride, const void *packed, void *c, ptrdiff_t c_stride,
                const bf_sum_epilogue *epilogue, void *scratch) {
  const q8_kernels *kernels = q8_current();
  q8_product product = {.kernels = kernels,
                        .layout = layout_of(kernels, 1, n, 1, k),
                        .kind = Q8_MATRIX,
                        .rows = m,
                        .input = a,
                        .input_stride = a_stride,
                        .description = q8_describe_input(kernels, a_type, a_zero_point)};
  run(&product, pool, packed, 0, c, c_stride, epilogue, scratch);
}

/* ---- Convolution ---- */

static q8_rows rows_of(const bf_conv_shape *s) {
  size_t depth = s->in_channels / s->groups, taps = s->kernel_height * s->kernel_width;
  return taps > 1 && (depth % 4 != 0 || depth < 16) ? Q8_BANDS : Q8_INDIRECT;
}

static q8_layout conv_layout(const q8_kernels *kernels, const bf_conv_shape *s) {
  size_t depth = s->in_channels / s->groups, taps = s->kernel_height * s->kernel_width;
  size_t columns = s->out_channels / s->groups;
  if (rows_of(s) == Q8_BANDS)
    return layout_of(kernels, s->groups, columns, s->kernel_height, s->kernel_width * depth);
  return layout_of(kernels, s->groups, columns, taps, depth);
}

/* Rows are the input's pixels. */
static bool is_pointwise(const bf_conv_shape *s) {
  return s->groups == 1 && s->kernel_height * s->kernel_width * s->stride_height * s->stride_width == 1 &&
         s->out_height == s->in_height && s->out_width == s->in_width;
}

bool q8_is_depthwise(const bf_conv_shape *s) {
  return s->groups > 1 && s->groups == s->in_channels && s->groups == s->out_channels;
}

size_t bf_q8_conv_packed_bytes(const bf_conv_shape *shape) {
  if (q8_is_depthwise(shape)) return q8_depthwise_packed_bytes(shape);
  q8_layout l = conv_layout(q8_current(), shape);
  return layout_bytes(&l);
}

void bf_q8_conv_pack(const bf_conv_shape *s, const void *weights, bf_byte type, const int32_t *zero_points,
                     size_t zero_point_count, void *packed) {
  if (q8_is_depthwise(s)) {
    q8_depthwise_pack(s, weights, type, zero_points, zero_point_count, packed);
    return;
  }
  const q8_kernels *kernels = q8_current();
  size_t depth = s->in_channels / s->groups, taps = s->kernel_height * s->kernel_width;
  q8_layout l = conv_layout(kernels, s);
  q8_source source = {.bytes = weights,
                      .type = type,
                      .group = (ptrdiff_t)(l.columns * taps * depth),
                      .column = (ptrdiff_t)(taps * depth),
                      .tap = 1,
                      .depth = (ptrdiff_t)taps,
                      .zero_points = zero_points,
                      .zero_point_count = zero_point_count,
                      .bands = s->kernel_height,
                      .taps = s->kernel_width,
                      .depth_count = depth,
                      .tap_pitch = rows_of(s) == Q8_BANDS ? depth : q8_round_up(depth, 4)};
  source.band_pitch = q8_round_up(s->kernel_width * source.tap_pitch, 4);
  pack(kernels, &l, &source, packed);
}

size_t bf_q8_conv_scratch(const bf_conv_shape *shape, size_t threads) {
  if (q8_is_depthwise(shape)) return q8_depthwise_scratch(shape, threads);
  q8_layout l = conv_layout(q8_current(), shape);
  return scratch_bytes(&l, rows_of(shape), shape->in_channels, threads);
}

void bf_q8_conv(bf_pool *pool, const bf_conv_shape *shape, const void *input, bf_byte input_type,
                int32_t input_zero_point, const void *packed, void *output, const bf_sum_epilogue *epilogue,
                void *scratch) {
  if (q8_is_depthwise(shape)) {
    q8_depthwise_run(pool, shape, input, input_type, input_zero_point, packed, output, epilogue, scratch);
    return;
  }
  const q8_kernels *kernels = q8_current();
  q8_product product = {.kernels = kernels,
                        .layout = conv_layout(kernels, shape),
                        .kind = rows_of(shape),
                        .rows = shape->batch * shape->out_height * shape->out_width,
                        .shape = shape,
                        .input = input,
                        .description = q8_describe_input(kernels, input_type, input_zero_point)};
  product.bands_are_contiguous =
      shape->groups == 1 && shape->dilation_width == 1 && shape->in_stride == (ptrdiff_t)shape->in_channels;
  if (is_pointwise(shape)) {
    product.kind = Q8_MATRIX;
    product.input_stride = shape->in_stride;
  }
  run(&product, pool, packed, shape->in_channels, output, shape->out_stride, epilogue, scratch);
}
