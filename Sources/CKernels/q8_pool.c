#include <string.h>

#include "q8_kernels.h"

/* Channels whose sums are kept at once. */
enum { CHANNELS = 256 };

typedef struct q8_pooling {
  const q8_kernels *kernels;
  bf_pooling kind;
  const bf_conv_shape *shape;
  size_t pad_bottom, pad_right;
  const uint8_t *input;
  const bf_affine *input_affine, *output_affine;
  uint8_t *output;
  uint8_t flip;
  int32_t zero_point; /* of flipped bytes */
} q8_pooling;

/* Kernel positions [first, end) that lie inside, and how many within the padded extent. */
typedef struct q8_reach {
  size_t first, end, padded;
  ptrdiff_t start;
} q8_reach;

static q8_reach reach_of(size_t out, size_t stride, size_t dilation, size_t kernel, size_t pad_before, size_t extent,
                         size_t pad_after) {
  q8_reach r = {.start = (ptrdiff_t)(out * stride) - (ptrdiff_t)pad_before};
  bool begun = false;
  for (size_t k = 0; k < kernel; k++) {
    ptrdiff_t at = r.start + (ptrdiff_t)(k * dilation);
    if (at < (ptrdiff_t)(extent + pad_after)) r.padded++;
    if (at < 0 || at >= (ptrdiff_t)extent) continue;
    if (!begun) r.first = k;
    begun = true;
    r.end = k + 1;
  }
  return r;
}

static void pool_channels(const q8_pooling *p, const uint8_t *image, q8_reach ry, q8_reach rx, size_t first,
                          size_t count, uint8_t *out) {
  const bf_conv_shape *s = p->shape;
  uint8_t best[CHANNELS];
  int32_t sums[CHANNELS];
  bool is_max = p->kind == BF_POOL_MAX;
  if (is_max)
    memset(best, 0, count);
  else
    memset(sums, 0, count * sizeof *sums);
  for (size_t ky = ry.first; ky < ry.end; ky++)
    for (size_t kx = rx.first; kx < rx.end; kx++) {
      ptrdiff_t y = ry.start + (ptrdiff_t)(ky * s->dilation_height);
      ptrdiff_t x = rx.start + (ptrdiff_t)(kx * s->dilation_width);
      const uint8_t *from = image + (y * (ptrdiff_t)s->in_width + x) * s->in_stride + first;
      if (is_max)
        p->kernels->max_bytes(count, from, p->flip, best);
      else
        p->kernels->add_bytes(count, from, p->flip, sums);
    }
  size_t inside = (ry.end - ry.first) * (rx.end - rx.first);
  if (is_max && p->input_affine->type == p->output_affine->type &&
      p->input_affine->scale == p->output_affine->scale &&
      p->input_affine->zero_point == p->output_affine->zero_point) {
    for (size_t i = 0; i < count; i++) out[i] = best[i] ^ p->flip;
    return;
  }
  if (p->kind == BF_POOL_AVERAGE_STORED) {
    int32_t elements = (int32_t)q8_max(inside, 1);
    for (size_t i = 0; i < count; i++) {
      int32_t sum = sums[i] - (int32_t)inside * p->flip;
      int32_t mean = (sum + (sum > 0 ? elements / 2 : -(elements / 2))) / elements;
      out[i] = q8_fixed_byte(mean, p->flip, p->flip);
    }
    return;
  }
  size_t divisor = p->kind == BF_POOL_AVERAGE_WITH_PADDING ? ry.padded * rx.padded : inside;
  float scale = p->input_affine->scale / (float)q8_max(is_max ? 1 : divisor, 1);
  if (is_max)
    for (size_t i = 0; i < count; i++) sums[i] = best[i];
  for (size_t i = 0; i < count; i++) sums[i] -= (int32_t)(is_max ? 1 : inside) * p->zero_point;
  p->kernels->scale_sums(count, sums, scale, 0, p->output_affine, out);
}

static void pool_row(void *context, size_t index, size_t thread) {
  (void)thread;
  const q8_pooling *p = context;
  const bf_conv_shape *s = p->shape;
  const uint8_t *image =
      p->input + (ptrdiff_t)(index / s->out_height * s->in_height * s->in_width) * s->in_stride;
  q8_reach ry = reach_of(index % s->out_height, s->stride_height, s->dilation_height, s->kernel_height, s->pad_top,
                         s->in_height, p->pad_bottom);
  for (size_t x = 0; x < s->out_width; x++) {
    q8_reach rx = reach_of(x, s->stride_width, s->dilation_width, s->kernel_width, s->pad_left, s->in_width,
                           p->pad_right);
    uint8_t *out = p->output + (ptrdiff_t)(index * s->out_width + x) * s->out_stride;
    for (size_t c = 0; c < s->in_channels; c += CHANNELS)
      pool_channels(p, image, ry, rx, c, q8_min(CHANNELS, s->in_channels - c), out + c);
  }
}

void bf_q8_pool(bf_pool *pool, bf_pooling kind, const bf_conv_shape *shape, size_t pad_bottom, size_t pad_right,
                const void *input, const bf_affine *input_affine, void *output, const bf_affine *output_affine) {
  q8_pooling p = {.kernels = q8_current(), .kind = kind, .shape = shape, .pad_bottom = pad_bottom,
                  .pad_right = pad_right, .input = input, .input_affine = input_affine,
                  .output_affine = output_affine, .output = output};
  p.flip = input_affine->type == BF_S8 ? 0x80 : 0;
  p.zero_point = input_affine->zero_point + p.flip;
  bf_pool_run(pool, shape->batch * shape->out_height, pool_row, &p);
}

typedef struct q8_average {
  const q8_kernels *kernels;
  size_t pixels, channels, blocks;
  ptrdiff_t in_stride;
  const uint8_t *input;
  const bf_affine *input_affine, *output_affine;
  uint8_t *output;
} q8_average;

static void average_block(void *context, size_t index, size_t thread) {
  (void)thread;
  const q8_average *a = context;
  size_t image = index / a->blocks, first = index % a->blocks * CHANNELS;
  size_t count = q8_min(CHANNELS, a->channels - first);
  const uint8_t *from = a->input + (ptrdiff_t)(image * a->pixels) * a->in_stride + first;
  uint8_t flip = a->input_affine->type == BF_S8 ? 0x80 : 0;
  int32_t sums[CHANNELS] = {0};
  for (size_t i = 0; i < a->pixels; i++) a->kernels->add_bytes(count, from + (ptrdiff_t)i * a->in_stride, flip, sums);
  int32_t zero = a->input_affine->zero_point + flip;
  for (size_t i = 0; i < count; i++) sums[i] -= (int32_t)a->pixels * zero;
  a->kernels->scale_sums(count, sums, a->input_affine->scale / (float)a->pixels, 0, a->output_affine,
                         a->output + image * a->channels + first);
}

void bf_q8_global_average(bf_pool *pool, size_t batch, size_t pixels, size_t channels, ptrdiff_t in_stride,
                          const void *input, const bf_affine *input_affine, void *output,
                          const bf_affine *output_affine) {
  q8_average a = {q8_current(), pixels, channels, q8_ceil(channels, CHANNELS), in_stride, input, input_affine,
                  output_affine, output};
  bf_pool_run(pool, batch * a.blocks, average_block, &a);
}
