/* Integer products against plain loops: sums exactly, bytes within one step. */
#include "check.h"

typedef struct example {
  bf_conv_shape shape;
  bf_byte input_type, weight_type;
  int32_t input_zero;
  int32_t *weight_zeros;
  size_t weight_zero_count;
  uint8_t *input, *weights;
  void *packed, *scratch;
} example;

static int32_t byte_value(uint8_t byte, bf_byte type) { return type == BF_U8 ? byte : (int8_t)byte; }

static int32_t random_zero(check_random *random, bf_byte type) {
  int32_t raw = (int32_t)random_below(random, 256);
  return type == BF_U8 ? raw : raw - 128;
}

/* Extremes are frequent: their products are what overflows. */
static void fill_bytes(check_random *random, uint8_t *bytes, size_t count) {
  static const uint8_t extremes[] = {0, 1, 127, 128, 129, 255};
  for (size_t i = 0; i < count; i++)
    bytes[i] = random_below(random, 4) == 0 ? extremes[random_below(random, 6)] : (uint8_t)random_bits(random);
}

static size_t in_elements(const bf_conv_shape *s) {
  return (s->batch * s->in_height * s->in_width - 1) * (size_t)s->in_stride + s->in_channels;
}
static size_t out_rows(const bf_conv_shape *s) { return s->batch * s->out_height * s->out_width; }
static size_t out_elements(const bf_conv_shape *s) {
  return (out_rows(s) - 1) * (size_t)s->out_stride + s->out_channels;
}

static size_t out_extent(size_t in, size_t pads, size_t kernel, size_t stride, size_t dilation) {
  size_t reach = (kernel - 1) * dilation + 1;
  return in + pads < reach ? 0 : (in + pads - reach) / stride + 1;
}

static int32_t naive_sum(const example *e, size_t row, size_t column) {
  const bf_conv_shape *s = &e->shape;
  size_t ox = row % s->out_width, oy = row / s->out_width % s->out_height;
  size_t n = row / s->out_width / s->out_height;
  size_t depth = s->in_channels / s->groups, group = column / (s->out_channels / s->groups);
  int32_t zero = e->weight_zeros ? e->weight_zeros[e->weight_zero_count == 1 ? 0 : column] : 0;
  uint32_t sum = 0;
  for (size_t c = 0; c < depth; c++)
    for (size_t ky = 0; ky < s->kernel_height; ky++)
      for (size_t kx = 0; kx < s->kernel_width; kx++) {
        ptrdiff_t y = (ptrdiff_t)(oy * s->stride_height + ky * s->dilation_height) - (ptrdiff_t)s->pad_top;
        ptrdiff_t x = (ptrdiff_t)(ox * s->stride_width + kx * s->dilation_width) - (ptrdiff_t)s->pad_left;
        if (y < 0 || x < 0 || y >= (ptrdiff_t)s->in_height || x >= (ptrdiff_t)s->in_width) continue;
        size_t pixel = (n * s->in_height + (size_t)y) * s->in_width + (size_t)x;
        int32_t a = byte_value(e->input[pixel * (size_t)s->in_stride + group * depth + c], e->input_type);
        size_t at = ((column * depth + c) * s->kernel_height + ky) * s->kernel_width + kx;
        sum += (uint32_t)((a - e->input_zero) * (byte_value(e->weights[at], e->weight_type) - zero));
      }
  return (int32_t)sum;
}

static void make(check_random *random, example *e, size_t threads) {
  bf_conv_shape *s = &e->shape;
  size_t weights = s->out_channels * (s->in_channels / s->groups) * s->kernel_height * s->kernel_width;
  e->input_type = (bf_byte)random_below(random, 2);
  e->weight_type = (bf_byte)random_below(random, 2);
  e->input_zero = random_below(random, 4) ? random_zero(random, e->input_type) : 0;
  e->input = check_alloc(in_elements(s));
  e->weights = check_alloc(weights);
  fill_bytes(random, e->input, in_elements(s));
  fill_bytes(random, e->weights, weights);
  e->weight_zeros = NULL;
  e->weight_zero_count = 0;
  if (random_below(random, 2)) {
    e->weight_zero_count = random_below(random, 2) ? 1 : s->out_channels;
    e->weight_zeros = check_alloc(e->weight_zero_count * sizeof(int32_t));
    for (size_t i = 0; i < e->weight_zero_count; i++) e->weight_zeros[i] = random_zero(random, e->weight_type);
  }
  e->packed = check_alloc(bf_q8_conv_packed_bytes(s));
  bf_q8_conv_pack(s, e->weights, e->weight_type, e->weight_zeros, e->weight_zero_count, e->packed);
  e->scratch = check_alloc(bf_q8_conv_scratch(s, threads));
}

static void discard(example *e) {
  free(e->input);
  free(e->weights);
  free(e->weight_zeros);
  free(e->packed);
  free(e->scratch);
}

/* The functions that stand for the others: the rest are the elementwise family's. */
static float activated(bf_activation activation, float a, float b, float x) {
  switch (activation) {
  case BF_RELU: return x > 0 ? x : 0;
  case BF_CLAMP: return x < a ? a : x > b ? b : x;
  case BF_SILU: return x / (1 + expf(-a * x));
  case BF_HARD_SWISH: return x * fminf(fmaxf(x / 6 + 0.5f, 0), 1);
  default: return x;
  }
}

static void check_epilogue(bf_pool *pool, check_random *random, const example *e, const int32_t *sums) {
  static const bf_activation activations[] = {BF_IDENTITY, BF_RELU, BF_CLAMP, BF_SILU, BF_HARD_SWISH};
  const bf_conv_shape *s = &e->shape;
  size_t n = s->out_channels, rows = out_rows(s);
  double depth = (double)(s->in_channels / s->groups * s->kernel_height * s->kernel_width);
  float unit = (float)(4.0 / (5000.0 * sqrt(depth)));
  float *multiplier = check_alloc(n * sizeof(float)), *bias = check_alloc(n * sizeof(float));
  for (size_t i = 0; i < n; i++) {
    multiplier[i] = unit * (0.5f + 0.5f * fabsf(random_float(random)));
    bias[i] = random_float(random);
  }
  ptrdiff_t residual_stride = (ptrdiff_t)(n + random_below(random, 3));
  size_t residual_bytes = (rows - 1) * (size_t)residual_stride + n;
  uint8_t *residual = check_alloc(residual_bytes);
  fill_bytes(random, residual, residual_bytes);
  bf_sum_epilogue p = {.result = random_below(random, 4) ? BF_SUM_BYTE : BF_SUM_REAL,
                       .multiplier = multiplier,
                       .real_bias = random_below(random, 2) ? bias : NULL,
                       .activation = activations[random_below(random, 5)],
                       .a = -0.5f,
                       .b = 1.25f,
                       .residual = random_below(random, 2) ? residual : NULL,
                       .residual_stride = residual_stride,
                       .residual_activation = activations[random_below(random, 5)],
                       .residual_a = -0.75f,
                       .residual_b = 2,
                       .output = {(bf_byte)random_below(random, 2), 0.03f, 0}};
  p.output.zero_point = random_zero(random, p.output.type);
  p.residual_affine = (bf_affine){(bf_byte)random_below(random, 2), 0.02f, 0};
  p.residual_affine.zero_point = random_zero(random, p.residual_affine.type);
  if (p.activation == BF_SILU) p.a = 1;
  if (p.residual_activation == BF_SILU) p.residual_a = 1;
  size_t count = out_elements(s);
  void *output = check_alloc(count * 4);
  memset(output, 0x55, count * 4);
  bf_q8_conv(pool, s, e->input, e->input_type, e->input_zero, e->packed, output, &p, e->scratch);
  size_t wrong = 0, strayed = 0;
  int32_t low = p.output.type == BF_U8 ? 0 : -128;
  for (size_t row = 0; row < rows; row++)
    for (size_t c = 0; c < (row + 1 == rows ? n : (size_t)s->out_stride); c++) {
      size_t at = row * (size_t)s->out_stride + c;
      if (c >= n) {
        if (p.result == BF_SUM_BYTE) strayed += ((uint8_t *)output)[at] != 0x55;
        continue;
      }
      float real = (float)sums[row * n + c] * multiplier[c] + (p.real_bias ? bias[c] : 0);
      real = activated(p.activation, p.a, p.b, real);
      if (p.residual) {
        uint8_t r = residual[row * (size_t)residual_stride + c];
        real += (float)(byte_value(r, p.residual_affine.type) - p.residual_affine.zero_point) * p.residual_affine.scale;
        real = activated(p.residual_activation, p.residual_a, p.residual_b, real);
      }
      if (p.result == BF_SUM_REAL) {
        wrong += !(fabsf(((float *)output)[at] - real) <= 1e-4f * (1 + fabsf(real)));
      } else {
        float q = fminf(fmaxf(rintf(real / p.output.scale) + (float)p.output.zero_point, (float)low), (float)(low + 255));
        wrong += abs((int)q - byte_value(((uint8_t *)output)[at], p.output.type)) > 1;
      }
    }
  CHECK(wrong == 0, "%zu of %zu results are wrong (activations %d, %d; residual %d)", wrong, rows * n, (int)p.activation,
        (int)p.residual_activation, p.residual != NULL);
  CHECK(strayed == 0, "%zu bytes written beside the channels", strayed);
  free(output);
  free(multiplier);
  free(bias);
  free(residual);
}

static void check_fixed(bf_pool *pool, check_random *random, const example *e, const int32_t *sums) {
  const bf_conv_shape *s = &e->shape;
  size_t n = s->out_channels, rows = out_rows(s), count = out_elements(s), wrong = 0, strayed = 0;
  int32_t *multiplier = check_alloc(n * 4), *shift = check_alloc(n * 4), *bias = check_alloc(n * 4);
  int32_t most = random_below(random, 4) ? 0 : 4; /* vectors know no shift to the left */
  size_t digits = random_below(random, 3); /* none, as people have, or so many that sums wrap */
  for (size_t i = 0; i < n; i++) {
    bias[i] = digits == 0 ? 0 : (int32_t)random_bits(random) >> (digits == 1 ? 12 : 0);
    multiplier[i] = random_below(random, 16) ? (1 << 30) + (int32_t)random_below(random, 1 << 30) : 0;
    shift[i] = random_below(random, 8) ? -(int32_t)random_below(random, 14) : (int32_t)random_below(random, 40) - 31;
    if (shift[i] > most) shift[i] = most;
  }
  bf_sum_epilogue p = {.result = BF_SUM_FIXED, .output = {(bf_byte)random_below(random, 2), 1, 0},
                       .fixed_multiplier = multiplier, .fixed_shift = shift, .bias = digits ? bias : NULL};
  p.output.zero_point = random_zero(random, p.output.type);
  uint8_t *output = check_alloc(count);
  memset(output, 0x55, count);
  bf_q8_conv(pool, s, e->input, e->input_type, e->input_zero, e->packed, output, &p, e->scratch);
  for (size_t row = 0; row < rows; row++)
    for (size_t c = 0; c < (row + 1 == rows ? n : (size_t)s->out_stride); c++) {
      uint8_t got = output[row * (size_t)s->out_stride + c];
      if (c >= n) {
        strayed += got != 0x55;
        continue;
      }
      int32_t sum = (int32_t)((uint32_t)sums[row * n + c] + (uint32_t)bias[c]);
      wrong += byte_value(got, p.output.type) != check_fixed_byte(sum, multiplier[c], shift[c], &p.output);
    }
  CHECK(wrong == 0 && strayed == 0, "%zu of %zu bytes in fixed point are wrong, %zu astray", wrong, rows * n, strayed);
  free(output);
  free(multiplier);
  free(shift);
  free(bias);
}

static void check_shape(bf_pool *pool, check_random *random, bf_conv_shape shape) {
  example e = {.shape = shape};
  bf_conv_shape *s = &e.shape;
  make(random, &e, bf_pool_threads(pool));
  size_t n = s->out_channels, rows = out_rows(s), count = out_elements(s);
  int32_t *sums = check_alloc(rows * n * 4), *bias = check_alloc(n * 4), *output = check_alloc(count * 4);
  for (size_t i = 0; i < n; i++) bias[i] = (int32_t)random_bits(random) >> 8;
  bool has_bias = random_below(random, 2) != 0;
  for (size_t row = 0; row < rows; row++)
    for (size_t c = 0; c < n; c++) sums[row * n + c] = naive_sum(&e, row, c);
  bf_sum_epilogue p = {.result = BF_SUM_INT32, .bias = has_bias ? bias : NULL};
  for (size_t i = 0; i < count; i++) output[i] = 0x55555555;
  bf_q8_conv(pool, s, e.input, e.input_type, e.input_zero, e.packed, output, &p, e.scratch);
  size_t wrong = 0, strayed = 0;
  for (size_t row = 0; row < rows; row++)
    for (size_t c = 0; c < (row + 1 == rows ? n : (size_t)s->out_stride); c++) {
      int32_t got = output[row * (size_t)s->out_stride + c];
      if (c >= n)
        strayed += got != 0x55555555;
      else
        wrong += (uint32_t)got != (uint32_t)sums[row * n + c] + (has_bias ? (uint32_t)bias[c] : 0);
    }
  CHECK(wrong == 0 && strayed == 0,
        "%zu of %zu sums are wrong, %zu written astray: %zux%zux%zu, %zu channels in %zu groups, kernel %zux%zu, "
        "stride %zu, dilation %zu, types %d %d, weight zeros %zu",
        wrong, rows * n, strayed, s->in_height, s->in_width, s->in_channels, n, s->groups, s->kernel_height,
        s->kernel_width, s->stride_width, s->dilation_width, (int)e.input_type, (int)e.weight_type, e.weight_zero_count);
  check_epilogue(pool, random, &e, sums);
  check_fixed(pool, random, &e, sums);
  free(sums);
  free(bias);
  free(output);
  discard(&e);
}

static bf_conv_shape with_extents(bf_conv_shape s, size_t pad_bottom, size_t pad_right) {
  s.out_height = out_extent(s.in_height, s.pad_top + pad_bottom, s.kernel_height, s.stride_height, s.dilation_height);
  s.out_width = out_extent(s.in_width, s.pad_left + pad_right, s.kernel_width, s.stride_width, s.dilation_width);
  return s;
}

static void convolutions(bf_pool *pool) {
  check_random random = {11};
  for (int i = 0; i < 60; i++) {
    bf_conv_shape s = {.batch = 1 + random_below(&random, 2), .in_height = 1 + random_below(&random, 9),
                       .in_width = 1 + random_below(&random, 12), .kernel_height = 1 + random_below(&random, 5),
                       .kernel_width = 1 + random_below(&random, 5), .stride_height = 1 + random_below(&random, 2),
                       .stride_width = 1 + random_below(&random, 3), .dilation_height = 1 + random_below(&random, 2),
                       .dilation_width = 1 + random_below(&random, 2), .groups = 1};
    static const size_t depths[] = {1, 3, 4, 16, 20, 32, 33};
    size_t depth = depths[random_below(&random, 7)], columns = 1 + random_below(&random, 100);
    if (random_below(&random, 3) == 0) {
      s.groups = 2 + random_below(&random, 3);
      columns = 1 + columns / 8;
    }
    s.in_channels = depth * s.groups;
    s.out_channels = columns * s.groups;
    s.pad_top = random_below(&random, s.kernel_height);
    s.pad_left = random_below(&random, s.kernel_width);
    s = with_extents(s, random_below(&random, s.kernel_height), random_below(&random, s.kernel_width));
    s.in_stride = (ptrdiff_t)(s.in_channels + (random_below(&random, 2) ? 0 : random_below(&random, 5)));
    s.out_stride = (ptrdiff_t)(s.out_channels + (random_below(&random, 2) ? 0 : random_below(&random, 5)));
    if (s.out_height == 0 || s.out_width == 0) continue;
    check_shape(pool, &random, s);
  }
}

static void depthwise(bf_pool *pool) {
  check_random random = {12};
  static const size_t channels[] = {2, 8, 16, 24, 31, 32, 40, 48, 64, 65, 96, 100, 128, 144};
  static const size_t kernels[] = {3, 3, 5, 5, 1, 2, 7, 9};
  for (int i = 0; i < 60; i++) {
    bf_conv_shape s = {.batch = 1 + random_below(&random, 2), .in_height = 1 + random_below(&random, 10),
                       .in_width = 1 + random_below(&random, 21), .kernel_height = kernels[random_below(&random, 8)],
                       .kernel_width = kernels[random_below(&random, 8)], .stride_height = 1 + random_below(&random, 2),
                       .stride_width = 1 + random_below(&random, 3), .dilation_height = 1, .dilation_width = 1};
    if (random_below(&random, 4) == 0) s.dilation_height = s.dilation_width = 2;
    s.in_channels = s.out_channels = s.groups = channels[random_below(&random, 14)];
    s.pad_top = random_below(&random, s.kernel_height);
    s.pad_left = random_below(&random, s.kernel_width);
    s = with_extents(s, random_below(&random, s.kernel_height), random_below(&random, s.kernel_width));
    s.in_stride = (ptrdiff_t)(s.in_channels + (random_below(&random, 2) ? 0 : random_below(&random, 5)));
    s.out_stride = (ptrdiff_t)(s.out_channels + (random_below(&random, 2) ? 0 : random_below(&random, 5)));
    if (s.out_height == 0 || s.out_width == 0) continue;
    check_shape(pool, &random, s);
  }
}

static void products(bf_pool *pool) {
  check_random random = {13};
  for (int i = 0; i < 80; i++) {
    size_t m = i % 3 == 0 ? 1 : 1 + random_below(&random, 40), n = 1 + random_below(&random, 200);
    size_t k = 1 + random_below(&random, 150);
    if (i % 16 == 5) m = 200 + random_below(&random, 300);
    ptrdiff_t a_stride = (ptrdiff_t)(k + random_below(&random, 4)), c_stride = (ptrdiff_t)(n + random_below(&random, 4));
    bf_byte a_type = (bf_byte)random_below(&random, 2), b_type = (bf_byte)random_below(&random, 2);
    int32_t a_zero = random_zero(&random, a_type);
    size_t zero_count = random_below(&random, 3);
    if (zero_count == 2) zero_count = n;
    int32_t *zeros = check_alloc(zero_count * 4);
    for (size_t j = 0; j < zero_count; j++) zeros[j] = random_zero(&random, b_type);
    size_t a_bytes = (m - 1) * (size_t)a_stride + k;
    uint8_t *a = check_alloc(a_bytes), *b = check_alloc(k * n);
    fill_bytes(&random, a, a_bytes);
    fill_bytes(&random, b, k * n);
    bool is_transposed = random_below(&random, 2) != 0;
    ptrdiff_t row_stride = is_transposed ? 1 : (ptrdiff_t)n, column_stride = is_transposed ? (ptrdiff_t)k : 1;
    void *packed = check_alloc(bf_q8_packed_bytes(k, n));
    bf_q8_pack(b, b_type, row_stride, column_stride, k, n, zero_count ? zeros : NULL, zero_count, packed);
    void *scratch = check_alloc(bf_q8_gemm_scratch(m, n, k, bf_pool_threads(pool)));
    int32_t *c = check_alloc(((m - 1) * (size_t)c_stride + n) * 4);
    bf_sum_epilogue e = {.result = BF_SUM_INT32};
    bf_q8_gemm(pool, m, n, k, a, a_type, a_zero, a_stride, packed, c, c_stride, &e, scratch);
    size_t wrong = 0;
    for (size_t row = 0; row < m; row++)
      for (size_t column = 0; column < n; column++) {
        uint32_t sum = 0;
        int32_t zero = zero_count ? zeros[zero_count == 1 ? 0 : column] : 0;
        for (size_t j = 0; j < k; j++)
          sum += (uint32_t)((byte_value(a[row * (size_t)a_stride + j], a_type) - a_zero) *
                            (byte_value(b[(ptrdiff_t)j * row_stride + (ptrdiff_t)column * column_stride], b_type) - zero));
        wrong += (uint32_t)c[row * (size_t)c_stride + column] != sum;
      }
    CHECK(wrong == 0, "%zu of %zu sums are wrong: m %zu n %zu k %zu, zeros %zu", wrong, m * n, m, n, k, zero_count);
    free(zeros);
    free(a);
    free(b);
    free(packed);
    free(scratch);
    free(c);
  }
}

static void blocks(bf_pool *pool) {
  check_random random = {14};
  for (int i = 0; i < 40; i++) {
    static const size_t sizes[] = {16, 32, 32, 64, 128, 512, 2048};
    bf_block_quantized s = {.k = 1 + random_below(&random, i % 5 == 0 ? 5000 : 300), .n = 1 + random_below(&random, 150),
                            .block_size = sizes[random_below(&random, 7)], .bits = random_below(&random, 2) ? 4 : 8};
    size_t m = i % 2 ? 1 : 1 + random_below(&random, 40), count = (s.k + s.block_size - 1) / s.block_size;
    if (s.k > 300) m = 1 + m / 4;
    size_t bytes = s.n * count * s.block_size * (size_t)s.bits / 8, zero_row = (count * (size_t)s.bits + 7) / 8;
    ptrdiff_t a_stride = (ptrdiff_t)(s.k + random_below(&random, 4)), c_stride = (ptrdiff_t)(s.n + random_below(&random, 4));
    uint8_t *b = check_alloc(bytes), *zeros = check_alloc(s.n * zero_row);
    size_t a_count = (m - 1) * (size_t)a_stride + s.k;
    float *scales = check_alloc(s.n * count * 4), *a = check_alloc(a_count * 4);
    fill_bytes(&random, b, bytes);
    fill_bytes(&random, zeros, s.n * zero_row);
    random_fill(&random, a, a_count);
    random_fill(&random, scales, s.n * count);
    bool has_zeros = random_below(&random, 2) != 0;
    void *packed = check_alloc(bf_block_packed_bytes(&s));
    bf_block_pack(&s, b, scales, has_zeros ? zeros : NULL, packed);
    float *c = check_alloc(((m - 1) * (size_t)c_stride + s.n) * 4), *bias = check_alloc(s.n * 4);
    random_fill(&random, bias, s.n);
    bf_epilogue e = {.bias = bias, .activation = BF_RELU};
    bool has_epilogue = random_below(&random, 2) != 0;
    bf_block_gemm(pool, &s, m, a, a_stride, packed, c, c_stride, has_epilogue ? &e : NULL);
    size_t wrong = 0;
    double worst = 0;
    for (size_t row = 0; row < m; row++)
      for (size_t n = 0; n < s.n; n++) {
        double sum = 0, size = 0;
        for (size_t k = 0; k < s.k; k++) {
          const uint8_t *block = b + (n * count + k / s.block_size) * s.block_size * (size_t)s.bits / 8;
          size_t within = k % s.block_size, at = k / s.block_size;
          int w = s.bits == 8 ? block[within] : block[within / 2] >> (within % 2 * 4) & 15;
          int zero = 1 << (s.bits - 1);
          if (has_zeros) zero = s.bits == 8 ? zeros[n * zero_row + at] : zeros[n * zero_row + at / 2] >> (at % 2 * 4) & 15;
          double term = (double)a[row * (size_t)a_stride + k] * (w - zero) * (double)scales[n * count + at];
          sum += term;
          size += fabs(term);
        }
        if (has_epilogue) sum = fmax(sum + (double)bias[n], 0);
        double error = fabs(sum - (double)c[row * (size_t)c_stride + n]) / (size + 1);
        if (!(error <= worst)) worst = error;
        wrong += !(error < 2e-6);
      }
    CHECK(wrong == 0, "%zu of %zu are wrong (%g): m %zu n %zu k %zu, blocks of %zu, %d bits, zeros %d", wrong, m * s.n,
          worst, m, s.n, s.k, s.block_size, s.bits, has_zeros);
    free(b);
    free(zeros);
    free(scales);
    free(a);
    free(packed);
    free(c);
    free(bias);
  }
}

static void conversions(bf_pool *pool) {
  check_random random = {15};
  for (int i = 0; i < 40; i++) {
    size_t count = i < 35 ? 1 + random_below(&random, 200) : 70000 + random_below(&random, 1000);
    bf_affine affine = {(bf_byte)random_below(&random, 2), 0.01f + 0.01f * fabsf(random_float(&random)), 0};
    affine.zero_point = random_zero(&random, affine.type);
    int32_t low = affine.type == BF_U8 ? 0 : -128;
    float *x = check_alloc(count * 4), *back = check_alloc(count * 4);
    uint8_t *q = check_alloc(count), *y = check_alloc(count), *z = check_alloc(count);
    random_fill(&random, x, count);
    for (size_t j = 0; j < count; j += 3) x[j] = affine.scale * ((float)random_below(&random, 300) - 150.5f);
    bf_quantize(pool, count, x, &affine, q);
    bf_dequantize(pool, count, q, &affine, back);
    size_t wrong = 0;
    for (size_t j = 0; j < count; j++) {
      float e = fminf(fmaxf(rintf(x[j] / affine.scale) + (float)affine.zero_point, (float)low), (float)(low + 255));
      wrong += byte_value(q[j], affine.type) != (int)e;
      wrong += back[j] != (e - (float)affine.zero_point) * affine.scale;
    }
    CHECK(wrong == 0, "%zu of %zu conversions are wrong", wrong, count);
    float least = 0, greatest = 0, scale = 0;
    int32_t zero = 0;
    if (i % 7 == 0) memset(x, 0, count * 4);
    for (size_t j = 0; j < count; j++) least = fminf(least, x[j]), greatest = fmaxf(greatest, x[j]);
    bf_dynamic_range(pool, count, x, &scale, &zero);
    float expected = least == greatest ? 1 : (greatest - least) / 255;
    CHECK(scale == expected && zero == (int)rintf(fminf(fmaxf(-least / expected, 0), 255)), "range %g %d", (double)scale, zero);
    bf_affine other = {(bf_byte)random_below(&random, 2), 0.02f, 0}, out = {(bf_byte)random_below(&random, 2), 0.025f, 0};
    other.zero_point = random_zero(&random, other.type);
    out.zero_point = random_zero(&random, out.type);
    fill_bytes(&random, y, count);
    int op = (int)random_below(&random, 2);
    bf_q8_binary(pool, count, op, q, &affine, y, &other, &out, z);
    int32_t out_low = out.type == BF_U8 ? 0 : -128;
    wrong = 0;
    for (size_t j = 0; j < count; j++) {
      float a = (float)(byte_value(q[j], affine.type) - affine.zero_point) * affine.scale;
      float b = (float)(byte_value(y[j], other.type) - other.zero_point) * other.scale;
      float e = rintf((op ? a * b : a + b) / out.scale) + (float)out.zero_point;
      e = fminf(fmaxf(e, (float)out_low), (float)(out_low + 255));
      wrong += abs((int)e - byte_value(z[j], out.type)) > 1;
    }
    CHECK(wrong == 0, "%zu of %zu results of operator %d are wrong", wrong, count, op);
    uint8_t table[256];
    for (size_t j = 0; j < 256; j++) table[j] = (uint8_t)random_bits(&random);
    bf_byte_table(pool, count, y, table, z);
    wrong = 0;
    for (size_t j = 0; j < count; j++) wrong += z[j] != table[y[j]];
    CHECK(wrong == 0, "%zu of %zu table entries are wrong", wrong, count);
    free(x);
    free(back);
    free(q);
    free(y);
    free(z);
  }
}

static void pooling(bf_pool *pool) {
  check_random random = {16};
  for (int i = 0; i < 40; i++) {
    bf_conv_shape s = {.batch = 1 + random_below(&random, 2), .in_height = 1 + random_below(&random, 9),
                       .in_width = 1 + random_below(&random, 9), .kernel_height = 1 + random_below(&random, 3),
                       .kernel_width = 1 + random_below(&random, 3), .stride_height = 1 + random_below(&random, 2),
                       .stride_width = 1 + random_below(&random, 2), .dilation_height = 1, .dilation_width = 1,
                       .groups = 1};
    if (random_below(&random, 3) == 0) s.dilation_height = s.dilation_width = 2;
    s.in_channels = s.out_channels = 1 + random_below(&random, i % 8 ? 90 : 600);
    s.pad_top = random_below(&random, s.kernel_height);
    s.pad_left = random_below(&random, s.kernel_width);
    size_t pad_bottom = random_below(&random, s.kernel_height), pad_right = random_below(&random, s.kernel_width);
    s = with_extents(s, pad_bottom, pad_right);
    s.in_stride = (ptrdiff_t)(s.in_channels + random_below(&random, 3));
    s.out_stride = (ptrdiff_t)(s.out_channels + random_below(&random, 3));
    if (s.out_height == 0 || s.out_width == 0) continue;
    bf_pooling kind = (bf_pooling)random_below(&random, 3);
    bf_affine in = {(bf_byte)random_below(&random, 2), 0.02f, 0}, out = in;
    in.zero_point = out.zero_point = random_zero(&random, in.type);
    if (random_below(&random, 2)) {
      out = (bf_affine){(bf_byte)random_below(&random, 2), 0.025f, 0};
      out.zero_point = random_zero(&random, out.type);
    }
    uint8_t *input = check_alloc(in_elements(&s)), *output = check_alloc(out_elements(&s));
    fill_bytes(&random, input, in_elements(&s));
    bf_q8_pool(pool, kind, &s, pad_bottom, pad_right, input, &in, output, &out);
    size_t wrong = 0;
    for (size_t row = 0; row < out_rows(&s); row++)
      for (size_t c = 0; c < s.in_channels; c++) {
        size_t ox = row % s.out_width, oy = row / s.out_width % s.out_height, n = row / s.out_width / s.out_height;
        int inside = 0, padded = 0, best = -1000;
        double sum = 0;
        for (size_t k = 0; k < s.kernel_height * s.kernel_width; k++) {
          ptrdiff_t y = (ptrdiff_t)(oy * s.stride_height + k / s.kernel_width * s.dilation_height) - (ptrdiff_t)s.pad_top;
          ptrdiff_t x = (ptrdiff_t)(ox * s.stride_width + k % s.kernel_width * s.dilation_width) - (ptrdiff_t)s.pad_left;
          padded += y < (ptrdiff_t)(s.in_height + pad_bottom) && x < (ptrdiff_t)(s.in_width + pad_right);
          if (y < 0 || x < 0 || y >= (ptrdiff_t)s.in_height || x >= (ptrdiff_t)s.in_width) continue;
          size_t pixel = (n * s.in_height + (size_t)y) * s.in_width + (size_t)x;
          int v = byte_value(input[pixel * (size_t)s.in_stride + c], in.type);
          best = v > best ? v : best;
          sum += v - in.zero_point;
          inside++;
        }
        if (inside == 0) continue;
        double real = (double)in.scale * (kind == BF_POOL_MAX       ? best - in.zero_point
                                          : kind == BF_POOL_AVERAGE ? sum / inside
                                                                    : sum / padded);
        int32_t low = out.type == BF_U8 ? 0 : -128;
        double q = fmin(fmax(rint(real / (double)out.scale) + out.zero_point, low), low + 255);
        wrong += abs((int)q - byte_value(output[row * (size_t)s.out_stride + c], out.type)) > 1;
      }
    CHECK(wrong == 0, "%zu results of pooling %d are wrong", wrong, (int)kind);
    uint8_t *means = check_alloc(s.batch * s.in_channels);
    size_t pixels = s.in_height * s.in_width;
    bf_q8_global_average(pool, s.batch, pixels, s.in_channels, s.in_stride, input, &in, means, &out);
    wrong = 0;
    for (size_t n = 0; n < s.batch; n++)
      for (size_t c = 0; c < s.in_channels; c++) {
        double sum = 0;
        for (size_t j = 0; j < pixels; j++)
          sum += byte_value(input[(n * pixels + j) * (size_t)s.in_stride + c], in.type) - in.zero_point;
        int32_t low = out.type == BF_U8 ? 0 : -128;
        double q = rint(sum / (double)pixels * (double)in.scale / (double)out.scale) + out.zero_point;
        q = fmin(fmax(q, low), low + 255);
        wrong += abs((int)q - byte_value(means[n * s.in_channels + c], out.type)) > 1;
      }
    CHECK(wrong == 0, "%zu means are wrong", wrong);
    free(input);
    free(output);
    free(means);
  }
}

const bf_test quantized_tests[] = {{"integer convolutions", convolutions},
                                   {"integer depthwise convolutions", depthwise},
                                   {"integer products", products},
                                   {"block-quantized products", blocks},
                                   {"bytes and real numbers", conversions},
                                   {"pooled bytes", pooling},
                                   {NULL, NULL}};
