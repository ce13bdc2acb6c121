/* Bytes in the fixed point of TFLite's reference kernels, exactly. */
#include "check.h"

static int32_t byte_value(uint8_t byte, bf_byte type) { return type == BF_U8 ? byte : (int8_t)byte; }

static bf_affine random_affine(check_random *random) {
  bf_affine affine = {(bf_byte)random_below(random, 2), 1, (int32_t)random_below(random, 256)};
  if (affine.type == BF_S8) affine.zero_point -= 128;
  return affine;
}

/* Powers of two are frequent: halves are exact under them. */
static bf_fixed_scale random_scale(check_random *random, int32_t shift) {
  int32_t multiplier = random_below(random, 3) ? (1 << 30) + (int32_t)random_below(random, 1 << 30) : 1 << 30;
  return (bf_fixed_scale){random_below(random, 20) ? multiplier : 0, shift};
}

/* Numbers whose product with the scale lies about the bytes, halves among them, or any of 29 digits. */
static int32_t random_term(check_random *random, int32_t shift) {
  if (shift > 0 || random_below(random, 8) == 0) return (int32_t)random_bits(random) >> 2;
  int64_t reach = 1LL << (9 - shift), half = 1LL << -shift;
  int64_t x = (int64_t)random_below(random, (size_t)reach) - reach / 2;
  if (random_below(random, 2)) x = x / half * half + half / 2;
  int64_t most = (1 << 29) - 1;
  return (int32_t)(x < -most ? -most : x > most ? most : x);
}

static void sums(bf_pool *pool) {
  check_random random = {31};
  for (int i = 0; i < 200; i++) {
    size_t count = i < 190 ? 1 + random_below(&random, 200) : 40000 + random_below(&random, 1000);
    int32_t shift = i % 5 ? -(int32_t)random_below(&random, 32) : (int32_t)random_below(&random, 31);
    bf_fixed_scale scale = random_scale(&random, shift);
    bf_affine affine = random_affine(&random);
    int32_t x_table[256], y_table[256];
    for (size_t j = 0; j < 256; j++) {
      x_table[j] = random_term(&random, shift);
      y_table[j] = random_below(&random, 3) ? 0 : random_term(&random, shift);
    }
    uint8_t *x = check_alloc(count), *y = check_alloc(count), *z = check_alloc(count);
    for (size_t j = 0; j < count; j++) {
      x[j] = (uint8_t)random_bits(&random);
      y[j] = (uint8_t)random_bits(&random);
    }
    for (int op = 0; op < 2; op++) {
      for (size_t j = 0; op && j < 256; j++) {
        x_table[j] = (int32_t)random_below(&random, 511) - 255;
        y_table[j] = (int32_t)random_below(&random, 511) - 255;
      }
      bf_q8_fixed_binary(pool, count, op, x, x_table, y, y_table, scale, &affine, z);
      size_t wrong = 0;
      for (size_t j = 0; j < count; j++) {
        uint32_t a = (uint32_t)x_table[x[j]], b = (uint32_t)y_table[y[j]];
        int32_t both = (int32_t)(op ? a * b : a + b);
        wrong += byte_value(z[j], affine.type) != check_fixed_byte(both, scale.multiplier, scale.shift, &affine);
      }
      CHECK(wrong == 0, "%zu of %zu results of operator %d, shift %d, are wrong", wrong, count, op, shift);
    }
    free(x);
    free(y);
    free(z);
  }
}

static void means(bf_pool *pool) {
  check_random random = {32};
  for (int i = 0; i < 60; i++) {
    size_t batch = 1 + random_below(&random, 2), pixels = 1 + random_below(&random, 60);
    size_t channels = 1 + random_below(&random, i % 8 ? 90 : 600), stride = channels + random_below(&random, 3);
    bf_affine in = random_affine(&random), out = random_affine(&random);
    bf_fixed_scale scale = random_scale(&random, -(int32_t)random_below(&random, 8));
    size_t bytes = (batch * pixels - 1) * stride + channels;
    uint8_t *input = check_alloc(bytes), *output = check_alloc(batch * channels);
    for (size_t j = 0; j < bytes; j++) input[j] = (uint8_t)random_bits(&random);
    bf_q8_fixed_global_average(pool, batch, pixels, channels, (ptrdiff_t)stride, input, &in, scale, output, &out);
    size_t wrong = 0;
    for (size_t j = 0; j < batch * channels; j++) {
      int32_t sum = 0;
      for (size_t p = 0; p < pixels; p++)
        sum += byte_value(input[(j / channels * pixels + p) * stride + j % channels], in.type) - in.zero_point;
      wrong += byte_value(output[j], out.type) != check_fixed_byte(sum, scale.multiplier, scale.shift, &out);
    }
    CHECK(wrong == 0, "%zu of %zu means are wrong", wrong, batch * channels);
    free(input);
    free(output);
  }
}

/* Without a stride and dilations, with padding in front and behind. */
static void pools(bf_pool *pool) {
  check_random random = {33};
  for (int i = 0; i < 60; i++) {
    bf_conv_shape s = {.batch = 1 + random_below(&random, 2), .in_height = 1 + random_below(&random, 9),
                       .in_width = 1 + random_below(&random, 9), .kernel_height = 1 + random_below(&random, 4),
                       .kernel_width = 1 + random_below(&random, 4), .stride_height = 1, .stride_width = 1,
                       .dilation_height = 1, .dilation_width = 1, .groups = 1};
    s.in_channels = s.out_channels = 1 + random_below(&random, i % 8 ? 90 : 600);
    s.in_stride = s.out_stride = (ptrdiff_t)s.in_channels;
    s.pad_top = random_below(&random, s.kernel_height);
    s.pad_left = random_below(&random, s.kernel_width);
    size_t bottom = s.kernel_height - 1 - s.pad_top, right = s.kernel_width - 1 - s.pad_left;
    s.out_height = s.in_height;
    s.out_width = s.in_width;
    bf_affine affine = random_affine(&random);
    size_t count = s.batch * s.in_height * s.in_width * s.in_channels, wrong = 0;
    uint8_t *input = check_alloc(count), *output = check_alloc(count);
    for (size_t j = 0; j < count; j++) input[j] = (uint8_t)random_bits(&random);
    bf_q8_pool(pool, BF_POOL_AVERAGE_STORED, &s, bottom, right, input, &affine, output, &affine);
    for (size_t j = 0; j < count; j++) {
      size_t c = j % s.in_channels, x = j / s.in_channels % s.in_width;
      size_t y = j / s.in_channels / s.in_width % s.in_height, n = j / s.in_channels / s.in_width / s.in_height;
      int32_t sum = 0, inside = 0;
      for (size_t k = 0; k < s.kernel_height * s.kernel_width; k++) {
        ptrdiff_t iy = (ptrdiff_t)(y + k / s.kernel_width) - (ptrdiff_t)s.pad_top;
        ptrdiff_t ix = (ptrdiff_t)(x + k % s.kernel_width) - (ptrdiff_t)s.pad_left;
        if (iy < 0 || ix < 0 || iy >= (ptrdiff_t)s.in_height || ix >= (ptrdiff_t)s.in_width) continue;
        size_t pixel = (n * s.in_height + (size_t)iy) * s.in_width + (size_t)ix;
        sum += byte_value(input[pixel * s.in_channels + c], affine.type);
        inside++;
      }
      double mean = (double)sum / inside;
      mean = mean < 0 ? -floor(-mean + 0.5) : floor(mean + 0.5);
      wrong += byte_value(output[j], affine.type) != (int32_t)mean;
    }
    CHECK(wrong == 0, "%zu of %zu means of stored numbers are wrong", wrong, count);
    free(input);
    free(output);
  }
}

const bf_test fixed_point_tests[] = {
    {"sums in fixed point", sums}, {"means in fixed point", means}, {"pools of stored numbers", pools}, {NULL, NULL}};
