#include <string.h>

#include "q8_plan.h"

/* Weights less their zero points are sums of one, two or three bytes. */
enum { MOST_PASSES = 3 };

/* Channels come in blocks; the last one overlaps the one before, so that it is whole too. */
typedef struct q8_channels {
  size_t first, count;
  bool is_half;
} q8_channels;

static size_t block_count(const q8_kernels *kernels, size_t channels) {
  return q8_ceil(channels, kernels->depthwise_width);
}

static q8_channels block_at(const q8_kernels *kernels, size_t channels, size_t index) {
  size_t width = kernels->depthwise_width, first = index * width, left = channels - first;
  if (left >= width) return (q8_channels){first, width, false};
  bool is_half = kernels->depthwise_half && left <= width / 2;
  if (is_half) width /= 2;
  if (channels < width) return (q8_channels){0, channels, is_half};
  return (q8_channels){channels - width, width, is_half};
}

/* What one thread takes: a block, or the last two where they overlap, so that no two threads write one byte. */
static size_t unit_count(const q8_kernels *kernels, size_t channels) {
  size_t blocks = block_count(kernels, channels), last = blocks - 1;
  return last > 0 && block_at(kernels, channels, last).first < last * kernels->depthwise_width ? last : blocks;
}

/* The channel of a lane: zipping leaves 16 channels in each 128 bits, 4 of them in each vector. */
static size_t lane_channel(size_t width, size_t slot) {
  size_t lanes = width / 4, vector = slot / lanes, lane = slot % lanes;
  return lane / 4 * 16 + vector * 4 + lane % 4;
}

typedef struct q8_filters {
  size_t width, blocks, groups, block_bytes;
} q8_filters;

static q8_filters filters_of(const q8_kernels *kernels, const bf_conv_shape *s) {
  q8_filters f = {kernels->depthwise_width, block_count(kernels, s->in_channels), q8_ceil(s->kernel_height, 4), 0};
  f.block_bytes = MOST_PASSES * f.groups * s->kernel_width * f.width * 4;
  return f;
}

size_t q8_depthwise_packed_bytes(const bf_conv_shape *shape) {
  q8_filters f = filters_of(q8_current(), shape);
  return sizeof(q8_packed) + q8_aligned(shape->in_channels * 4) + f.blocks * f.block_bytes;
}

static int32_t weight_at(const void *weights, bf_byte type, size_t at) {
  return type == BF_U8 ? ((const uint8_t *)weights)[at] : ((const int8_t *)weights)[at];
}

void q8_depthwise_pack(const bf_conv_shape *s, const void *weights, bf_byte type, const int32_t *zero_points,
                       size_t zero_point_count, void *packed) {
  const q8_kernels *kernels = q8_current();
  const q8_filters f = filters_of(kernels, s);
  const size_t taps = s->kernel_height * s->kernel_width;
  q8_packed *header = packed;
  *header = (q8_packed){.passes = 1};
  int32_t *sums = (int32_t *)(void *)((uint8_t *)packed + sizeof *header);
  int8_t *to = (int8_t *)packed + sizeof *header + q8_aligned(s->in_channels * 4);
  memset(to, 0, f.blocks * f.block_bytes);
  for (size_t c = 0; c < s->in_channels; c++) {
    int32_t zero = zero_points ? zero_points[zero_point_count == 1 ? 0 : c] : 0;
    uint32_t sum = 0;
    for (size_t t = 0; t < taps; t++) {
      int32_t w = weight_at(weights, type, c * taps + t) - zero;
      sum += (uint32_t)w;
      uint32_t passes = w >= -128 && w <= 127 ? 1 : w <= 254 ? 2 : 3;
      header->passes = passes > header->passes ? passes : header->passes;
    }
    sums[c] = (int32_t)sum;
  }
  for (size_t b = 0; b < f.blocks; b++) {
    q8_channels block = block_at(kernels, s->in_channels, b);
    size_t width = block.is_half ? f.width / 2 : f.width;
    for (size_t slot = 0; slot < width; slot++) {
      size_t channel = lane_channel(width, slot);
      if (channel >= block.count) continue;
      channel += block.first;
      int32_t zero = zero_points ? zero_points[zero_point_count == 1 ? 0 : channel] : 0;
      for (size_t ky = 0; ky < s->kernel_height; ky++)
        for (size_t kx = 0; kx < s->kernel_width; kx++) {
          size_t at = channel * taps + ky * s->kernel_width + kx;
          int32_t w = weight_at(weights, type, at) - zero;
          size_t index = ((ky / 4 * s->kernel_width + kx) * width + slot) * 4 + ky % 4;
          for (uint32_t pass = 0; pass < header->passes; pass++) {
            int32_t part = w < -128 ? -128 : w > 127 ? 127 : w;
            to[b * f.block_bytes + pass * f.groups * s->kernel_width * width * 4 + index] = (int8_t)part;
            w -= part;
          }
        }
    }
  }
}

typedef struct q8_depthwise_job {
  const q8_kernels *kernels;
  const bf_conv_shape *shape;
  q8_filters filters;
  size_t groups; /* of four kernel rows, all passes */
  const uint8_t *input, *padding;
  uint8_t flip;
  const int8_t *weights;
  q8_prepared prepared;
  q8_split split;
  uint8_t *scratch;
  size_t thread_scratch;
} q8_depthwise_job;

static size_t pointer_bytes(const q8_filters *f) { return q8_aligned(MOST_PASSES * f->groups * 4 * sizeof(void *)); }

size_t q8_depthwise_scratch(const bf_conv_shape *shape, size_t threads) {
  q8_filters f = filters_of(q8_current(), shape);
  return q8_prepared_bytes(f.blocks * f.width) + q8_aligned(shape->in_channels + 64) +
         q8_max(threads, 1) * 2 * pointer_bytes(&f);
}

static void run_part(void *context, size_t index, size_t thread) {
  const q8_depthwise_job *j = context;
  const bf_conv_shape *s = j->shape;
  const q8_filters *f = &j->filters;
  uint8_t *scratch = j->scratch + thread * j->thread_scratch;
  const uint8_t **rows = (const uint8_t **)(void *)scratch;
  ptrdiff_t *steps = (ptrdiff_t *)(void *)(scratch + pointer_bytes(f));
  q8_piece piece = q8_piece_of(&j->split, index);
  q8_depthwise_row d = {.rows = rows,
                        .steps = steps,
                        .groups = j->groups,
                        .kernel_height = s->kernel_height,
                        .kernel_width = s->kernel_width,
                        .stride = s->stride_width,
                        .dilation = s->dilation_width,
                        .pad_left = s->pad_left,
                        .in_width = s->in_width,
                        .out_width = s->out_width,
                        .flip = j->flip * 0x01010101u,
                        .result = &j->prepared.result};
  size_t end = piece.end_unit < unit_count(j->kernels, s->in_channels) ? piece.end_unit : f->blocks;
  for (size_t row = piece.first_row; row < piece.end_row; row++)
    for (size_t b = piece.first_unit; b < end; b++) {
      q8_channels block = block_at(j->kernels, s->in_channels, b);
      const uint8_t *image =
          j->input + (ptrdiff_t)(row / s->out_height * s->in_height * s->in_width) * s->in_stride + block.first;
      ptrdiff_t top = (ptrdiff_t)(row % s->out_height * s->stride_height) - (ptrdiff_t)s->pad_top;
      for (size_t i = 0; i < j->groups * 4; i++) {
        size_t ky = i % (f->groups * 4);
        ptrdiff_t y = top + (ptrdiff_t)(ky * s->dilation_height);
        bool is_row = ky < s->kernel_height && y >= 0 && y < (ptrdiff_t)s->in_height;
        rows[i] = is_row ? image + y * (ptrdiff_t)s->in_width * s->in_stride : j->padding;
        steps[i] = is_row ? s->in_stride : 0;
      }
      size_t slot = b * f->width;
      d.padding = j->padding;
      d.weights = j->weights + b * f->block_bytes;
      d.columns = (q8_columns){j->prepared.offset + slot, j->prepared.multiplier + slot,
                               j->prepared.real_bias + slot, j->prepared.fixed_multiplier + slot,
                               j->prepared.fixed_right + slot, NULL};
      d.first_row = row * s->out_width;
      d.first_column = block.first;
      d.column_count = block.count;
      if (block.is_half)
        j->kernels->depthwise_half(&d);
      else
        j->kernels->depthwise(&d);
    }
}

void q8_depthwise_run(bf_pool *pool, const bf_conv_shape *s, const void *input, bf_byte input_type,
                      int32_t input_zero_point, const void *packed, void *output, const bf_sum_epilogue *epilogue,
                      void *scratch) {
  const q8_kernels *kernels = q8_current();
  q8_input description = q8_describe_input(kernels, input_type, input_zero_point);
  q8_depthwise_job j = {.kernels = kernels, .shape = s, .filters = filters_of(kernels, s), .input = input};
  const q8_packed *header = packed;
  const int32_t *sums = (const int32_t *)(const void *)((const uint8_t *)packed + sizeof *header);
  j.groups = header->passes * j.filters.groups;
  j.flip = description.flip;
  j.weights = (const int8_t *)packed + sizeof *header + q8_aligned(s->in_channels * 4);
  size_t slots = j.filters.blocks * j.filters.width;
  uint8_t *free_scratch = scratch;
  q8_prepare(&j.prepared, epilogue, s->kernel_height * s->kernel_width, s->out_channels, output, s->out_stride,
             slots, free_scratch);
  for (size_t b = 0; b < j.filters.blocks; b++) {
    q8_channels block = block_at(kernels, s->in_channels, b);
    size_t width = block.is_half ? j.filters.width / 2 : j.filters.width;
    for (size_t slot = 0; slot < width; slot++) {
      size_t channel = block.first + q8_min(lane_channel(width, slot), block.count - 1);
      uint32_t correction = 0u - (uint32_t)description.zero_point * (uint32_t)sums[channel];
      q8_prepare_slot(&j.prepared, b * j.filters.width + slot, channel, (int32_t)correction);
    }
  }
  free_scratch += q8_prepared_bytes(slots);
  memset(free_scratch, description.padding, s->in_channels + 63);
  j.padding = free_scratch;
  j.scratch = free_scratch + q8_aligned(s->in_channels + 64);
  j.thread_scratch = 2 * pointer_bytes(&j.filters);
  size_t rows = s->batch * s->out_height;
  double products = (double)rows * (double)s->out_width * (double)s->out_channels * 16 * (double)j.groups;
  size_t units = unit_count(kernels, s->in_channels);
  j.split = q8_split_work(rows, 1, rows, units, products, bf_pool_threads(pool));
  bf_pool_run(pool, j.split.row_parts * j.split.unit_parts, run_part, &j);
}
