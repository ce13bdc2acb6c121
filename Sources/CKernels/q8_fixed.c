/* Functions of two bytes, and means, in the fixed point of TFLite's reference kernels. */
#include "q8_kernels.h"

enum { PART = 16384, BLOCK = 512, CHANNELS = 256 };

typedef struct fixed_binary {
  const q8_kernels *kernels;
  size_t count;
  int op;
  const uint8_t *x, *y;
  const int32_t *x_table, *y_table;
  bf_fixed_scale scale;
  const bf_affine *affine;
  uint8_t *out;
} fixed_binary;

static void binary_part(void *context, size_t index, size_t thread) {
  (void)thread;
  const fixed_binary *b = context;
  size_t end = q8_min((index + 1) * PART, b->count);
  for (size_t first = index * PART; first < end; first += BLOCK) {
    size_t count = q8_min(BLOCK, end - first);
    const uint8_t *x = b->x + first, *y = b->y + first;
    int32_t both[BLOCK];
    if (b->op)
      for (size_t i = 0; i < count; i++) both[i] = (int32_t)((uint32_t)b->x_table[x[i]] * (uint32_t)b->y_table[y[i]]);
    else
      for (size_t i = 0; i < count; i++) both[i] = (int32_t)((uint32_t)b->x_table[x[i]] + (uint32_t)b->y_table[y[i]]);
    b->kernels->fix_sums(count, both, b->scale, b->affine, b->out + first);
  }
}

void bf_q8_fixed_binary(bf_pool *pool, size_t count, int op, const void *x, const int32_t x_table[256],
                        const void *y, const int32_t y_table[256], bf_fixed_scale scale,
                        const bf_affine *out_affine, void *out) {
  fixed_binary b = {q8_current(), count, op, x, y, x_table, y_table, scale, out_affine, out};
  bf_pool_run(pool, q8_ceil(count, PART), binary_part, &b);
}

typedef struct fixed_average {
  const q8_kernels *kernels;
  size_t pixels, channels, blocks;
  ptrdiff_t in_stride;
  const uint8_t *input;
  int32_t in_zero;
  uint8_t in_flip;
  bf_fixed_scale scale;
  const bf_affine *affine;
  uint8_t *output;
} fixed_average;

static void average_block(void *context, size_t index, size_t thread) {
  (void)thread;
  const fixed_average *a = context;
  size_t image = index / a->blocks, first = index % a->blocks * CHANNELS;
  size_t count = q8_min(CHANNELS, a->channels - first);
  const uint8_t *from = a->input + (ptrdiff_t)(image * a->pixels) * a->in_stride + first;
  int32_t sums[CHANNELS] = {0};
  for (size_t i = 0; i < a->pixels; i++)
    a->kernels->add_bytes(count, from + (ptrdiff_t)i * a->in_stride, a->in_flip, sums);
  uint32_t zeros = (uint32_t)a->pixels * (uint32_t)a->in_zero;
  for (size_t i = 0; i < count; i++) sums[i] = (int32_t)((uint32_t)sums[i] - zeros);
  a->kernels->fix_sums(count, sums, a->scale, a->affine, a->output + image * a->channels + first);
}

void bf_q8_fixed_global_average(bf_pool *pool, size_t batch, size_t pixels, size_t channels, ptrdiff_t in_stride,
                                const void *input, const bf_affine *input_affine, bf_fixed_scale scale, void *output,
                                const bf_affine *output_affine) {
  uint8_t in_flip = input_affine->type == BF_S8 ? 0x80 : 0;
  fixed_average a = {.kernels = q8_current(), .pixels = pixels, .channels = channels,
                     .blocks = q8_ceil(channels, CHANNELS), .in_stride = in_stride, .input = input,
                     .in_zero = input_affine->zero_point + in_flip, .in_flip = in_flip,
                     .scale = scale, .affine = output_affine, .output = output};
  bf_pool_run(pool, batch * a.blocks, average_block, &a);
}
