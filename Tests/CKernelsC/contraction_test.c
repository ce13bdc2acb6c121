/* Products and convolutions against plain loops in double precision, over seeded shapes. Rows of results are
 * apart, and what lies between them must stay. */
#include "check.h"

enum { GAP = 0x7fc12345 };

static float gap_value(void) {
  float x;
  int32_t bits = GAP;
  memcpy(&x, &bits, 4);
  return x;
}
static bool is_gap(float x) {
  int32_t bits;
  memcpy(&bits, &x, 4);
  return bits == GAP;
}

/* ---- Epilogues ------------------------------------------------------------------------------------ */

typedef struct test_epilogue {
  bf_epilogue epilogue;
  float *bias, *residual;
} test_epilogue;

static bf_activation random_activation(check_random *random, float *a, float *b) {
  bf_activation activation =
      random_below(random, 2) ? (bf_activation)random_below(random, 3) : (bf_activation)random_below(random, BF_MISH + 1);
  *a = activation == BF_CLAMP ? -0.7f : activation != BF_SILU ? 0.2f : random_below(random, 3) ? 1.0f : 1.3f;
  *b = 0.6f;
  return activation;
}
static test_epilogue make_epilogue(check_random *random, size_t rows, size_t columns, bool may_have_residual) {
  test_epilogue t = {0};
  bf_epilogue *e = &t.epilogue;
  e->activation = random_activation(random, &e->a, &e->b);
  if (random_below(random, 3)) {
    t.bias = check_alloc(columns * sizeof(float));
    random_fill(random, t.bias, columns);
    e->bias = t.bias;
  }
  if (may_have_residual && random_below(random, 2)) {
    e->residual_stride = (ptrdiff_t)(columns + random_below(random, 4));
    size_t count = (rows - 1) * (size_t)e->residual_stride + columns;
    t.residual = check_alloc(count * sizeof(float));
    random_fill(random, t.residual, count);
    e->residual = t.residual;
    e->residual_activation = random_activation(random, &e->residual_a, &e->residual_b);
  }
  return t;
}
static void free_epilogue(test_epilogue *t) {
  free(t->bias);
  free(t->residual);
}
static double finish(const bf_epilogue *e, size_t row, size_t column, double sum) {
  if (e->bias) sum += (double)e->bias[column];
  sum = check_activation(e->activation, (double)e->a, (double)e->b, sum);
  if (e->residual)
    sum = check_activation(e->residual_activation, (double)e->residual_a, (double)e->residual_b,
                           sum + (double)e->residual[(ptrdiff_t)row * e->residual_stride + (ptrdiff_t)column]);
  return sum;
}

/* ---- Matrix products -------------------------------------------------------------------------------- */

static void gemm_is_right(bf_pool *pool, check_random *random, size_t m, size_t n, size_t k) {
  size_t a_stride = k + random_below(random, 3), c_stride = n + random_below(random, 5);
  bool transposed = random_below(random, 2);
  float *a = check_alloc(((m - 1) * a_stride + k) * 4), *b = check_alloc(k * n * 4);
  float *c = check_alloc(((m - 1) * c_stride + n) * 4), *packed = check_alloc(bf_f32_packed_bytes(k, n));
  random_fill(random, a, (m - 1) * a_stride + k);
  random_fill(random, b, k * n);
  for (size_t i = 0; i < (m - 1) * c_stride + n; i++) c[i] = gap_value();
  test_epilogue e = make_epilogue(random, m, n, true);
  bf_f32_pack(b, transposed ? 1 : (ptrdiff_t)n, transposed ? (ptrdiff_t)k : 1, k, n, packed);
  bf_f32_gemm(pool, m, n, k, a, (ptrdiff_t)a_stride, packed, c, (ptrdiff_t)c_stride, &e.epilogue);
  double tolerance = 2e-6 * (1 + sqrt((double)k)) + 1e-7 * (double)k, worst = 0;
  bool gaps = true;
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < n; j++) {
      double sum = 0;
      for (size_t l = 0; l < k; l++)
        sum += (double)a[i * a_stride + l] * (double)(transposed ? b[j * k + l] : b[l * n + j]);
      double error = fabs((double)c[i * c_stride + j] - finish(&e.epilogue, i, j, sum));
      if (!(error <= worst)) worst = error;
    }
    if (i + 1 < m)
      for (size_t j = n; j < c_stride; j++) gaps = gaps && is_gap(c[i * c_stride + j]);
  }
  CHECK(worst <= tolerance, "gemm %zu x %zu x %zu, activation %d, residual %d: error %g", m, n, k,
        (int)e.epilogue.activation, e.residual != NULL, worst);
  CHECK(gaps, "gemm %zu x %zu x %zu writes between rows", m, n, k);
  free(a), free(b), free(c), free(packed), free_epilogue(&e);
}

static void products_are_right(bf_pool *pool) {
  check_random random = {1};
  for (size_t m = 1; m <= 26; m++) gemm_is_right(pool, &random, m, 1 + random_below(&random, 140), 1 + random_below(&random, 40));
  for (size_t n = 1; n <= 140; n += 1 + n / 20) gemm_is_right(pool, &random, 1 + random_below(&random, 14), n, 1 + random_below(&random, 70));
  for (size_t i = 0; i < 12; i++)
    gemm_is_right(pool, &random, 1 + random_below(&random, 320), 1 + random_below(&random, 300), 1 + random_below(&random, 300));
  gemm_is_right(pool, &random, 1, 515, 1030);
  gemm_is_right(pool, &random, 40, 70, 2600);
  /* Tiles whose sums, three vectors a row, are no whole pairs of vectors, with the next tile's behind them. */
  for (size_t m = 7; m <= 38; m++) gemm_is_right(pool, &random, m, 33 + random_below(&random, 16), 2600);
  gemm_is_right(pool, &random, 300, 64, 64);
  gemm_is_right(pool, &random, 3, 5, 1);
}

static void batched_is_right(bf_pool *pool, check_random *random, bf_batched_gemm s) {
  bool a_transposed = random_below(random, 3) == 0, b_transposed = random_below(random, 2);
  bool inner_broadcast = random_below(random, 4) == 0;
  size_t a_size = s.m * s.k, b_size = s.k * s.n, c_pitch = s.n + random_below(random, 3), c_size = s.m * c_pitch;
  s.a = (bf_batch_strides){(ptrdiff_t)(a_size * s.inner), (ptrdiff_t)a_size, a_transposed ? 1 : (ptrdiff_t)s.k,
                           a_transposed ? (ptrdiff_t)s.m : 1};
  s.b = (bf_batch_strides){(ptrdiff_t)(b_size * s.inner), inner_broadcast ? 0 : (ptrdiff_t)b_size,
                           b_transposed ? 1 : (ptrdiff_t)s.n, b_transposed ? (ptrdiff_t)s.k : 1};
  s.c = (bf_batch_strides){(ptrdiff_t)(c_size * s.inner), (ptrdiff_t)c_size, (ptrdiff_t)c_pitch, 1};
  s.scale = 0.5f + random_float(random);
  size_t batches = s.outer * s.inner;
  float *a = check_alloc(batches * a_size * 4), *b = check_alloc(batches * b_size * 4), *c = check_alloc(batches * c_size * 4);
  void *scratch = check_alloc(bf_f32_batched_gemm_scratch(&s, bf_pool_threads(pool)));
  random_fill(random, a, batches * a_size);
  random_fill(random, b, batches * b_size);
  for (size_t i = 0; i < batches * c_size; i++) c[i] = gap_value();
  test_epilogue e = make_epilogue(random, s.m, s.n, false);
  bf_f32_batched_gemm(pool, &s, a, b, c, &e.epilogue, scratch);
  double worst = 0;
  bool gaps = true;
  for (size_t o = 0; o < s.outer; o++)
    for (size_t i = 0; i < s.inner; i++)
      for (size_t r = 0; r < s.m; r++)
        for (size_t j = 0; j < c_pitch; j++) {
          float got = c[(o * s.inner + i) * c_size + r * c_pitch + j];
          if (j >= s.n) {
            gaps = gaps && is_gap(got);
            continue;
          }
          double sum = 0;
          for (ptrdiff_t l = 0; l < (ptrdiff_t)s.k; l++)
            sum += (double)a[(ptrdiff_t)o * s.a.outer + (ptrdiff_t)i * s.a.inner + (ptrdiff_t)r * s.a.row + l * s.a.column] *
                   (double)b[(ptrdiff_t)o * s.b.outer + (ptrdiff_t)i * s.b.inner + l * s.b.row + (ptrdiff_t)j * s.b.column];
          double error = fabs((double)got - finish(&e.epilogue, r, j, sum * (double)s.scale));
          if (!(error <= worst)) worst = error;
        }
  CHECK(worst <= 2e-6 * (1 + sqrt((double)s.k)) + 1e-7 * (double)s.k, "batched %zu x %zu of %zu x %zu x %zu, transposed %d %d: error %g", s.outer,
        s.inner, s.m, s.n, s.k, a_transposed, b_transposed, worst);
  CHECK(gaps, "batched %zu x %zu x %zu writes between rows", s.m, s.n, s.k);
  free(a), free(b), free(c), free(scratch), free_epilogue(&e);
}

static void batched_products_are_right(bf_pool *pool) {
  check_random random = {2};
  for (size_t i = 0; i < 60; i++)
    batched_is_right(pool, &random,
                     (bf_batched_gemm){.outer = 1 + random_below(&random, 3), .inner = 1 + random_below(&random, 4),
                                       .m = 1 + random_below(&random, i % 2 ? 4 : 40), .n = 1 + random_below(&random, 150),
                                       .k = 1 + random_below(&random, 80)});
  batched_is_right(pool, &random, (bf_batched_gemm){.outer = 1, .inner = 1, .m = 1, .n = 1, .k = 33});
  batched_is_right(pool, &random, (bf_batched_gemm){.outer = 1, .inner = 1, .m = 300, .n = 90, .k = 70});
  batched_is_right(pool, &random, (bf_batched_gemm){.outer = 2, .inner = 1, .m = 20, .n = 64, .k = 1700});
}

/* ---- Convolutions ------------------------------------------------------------------------------------- */

static void run_conv(bf_pool *pool, check_random *random, bf_conv_shape s, bf_conv_algorithm algorithm, bool transposed) {
  size_t pixels = s.batch * s.in_height * s.in_width, results = s.batch * s.out_height * s.out_width;
  size_t area = s.kernel_height * s.kernel_width, in_group = s.in_channels / s.groups, out_group = s.out_channels / s.groups;
  size_t x_count = s.in_planar ? pixels * s.in_channels : (pixels - 1) * (size_t)s.in_stride + s.in_channels;
  size_t y_count = (results - 1) * (size_t)s.out_stride + s.out_channels;
  size_t w_count = (transposed ? s.in_channels * out_group : s.out_channels * in_group) * area;
  float *x = check_alloc(x_count * 4), *y = check_alloc(y_count * 4), *w = check_alloc(w_count * 4);
  size_t threads = bf_pool_threads(pool);
  float *packed = check_alloc(transposed ? bf_f32_deconv_packed_bytes(&s) : bf_f32_conv_packed_bytes(&s, algorithm));
  void *scratch = check_alloc(transposed ? bf_f32_deconv_scratch(&s, threads) : bf_f32_conv_scratch(&s, algorithm, threads));
  random_fill(random, x, x_count);
  random_fill(random, w, w_count);
  for (size_t i = 0; i < y_count; i++) y[i] = gap_value();
  test_epilogue e = make_epilogue(random, results, s.out_channels, true);
  if (transposed) {
    bf_f32_deconv_pack(&s, w, packed);
    bf_f32_deconv(pool, &s, x, packed, y, &e.epilogue, scratch);
  } else {
    bf_f32_conv_pack(&s, algorithm, w, packed);
    bf_f32_conv(pool, &s, algorithm, x, packed, y, &e.epilogue, scratch);
  }
  double *sums = check_alloc(s.out_channels * sizeof(double));
  double squares = 0, error_squares = 0, worst = 0;
  bool gaps = true;
  for (size_t pixel = 0; pixel < results; pixel++) {
    size_t ox = pixel % s.out_width, oy = pixel / s.out_width % s.out_height, batch = pixel / s.out_width / s.out_height;
    for (size_t n = 0; n < s.out_channels; n++) sums[n] = 0;
    for (size_t ky = 0; ky < s.kernel_height; ky++)
      for (size_t kx = 0; kx < s.kernel_width; kx++) {
        ptrdiff_t iy, ix;
        if (transposed) {
          iy = (ptrdiff_t)(oy + s.pad_top) - (ptrdiff_t)(ky * s.dilation_height);
          ix = (ptrdiff_t)(ox + s.pad_left) - (ptrdiff_t)(kx * s.dilation_width);
          if (iy % (ptrdiff_t)s.stride_height || ix % (ptrdiff_t)s.stride_width) continue;
          iy /= (ptrdiff_t)s.stride_height, ix /= (ptrdiff_t)s.stride_width;
        } else {
          iy = (ptrdiff_t)(oy * s.stride_height + ky * s.dilation_height) - (ptrdiff_t)s.pad_top;
          ix = (ptrdiff_t)(ox * s.stride_width + kx * s.dilation_width) - (ptrdiff_t)s.pad_left;
        }
        if (iy < 0 || ix < 0 || iy >= (ptrdiff_t)s.in_height || ix >= (ptrdiff_t)s.in_width) continue;
        size_t from = (batch * s.in_height + (size_t)iy) * s.in_width + (size_t)ix, plane = s.in_height * s.in_width;
        for (size_t n = 0; n < s.out_channels; n++) {
          size_t group = n / out_group;
          for (size_t c = 0; c < in_group; c++) {
            size_t channel = group * in_group + c;
            float value = s.in_planar ? x[(batch * s.in_channels + channel) * plane + from % plane]
                                      : x[from * (size_t)s.in_stride + channel];
            float weight = transposed ? w[(channel * out_group + n % out_group) * area + ky * s.kernel_width + kx]
                                      : w[(n * in_group + c) * area + ky * s.kernel_width + kx];
            sums[n] += (double)value * (double)weight;
          }
        }
      }
    for (size_t n = 0; n < s.out_channels; n++) {
      double exact = finish(&e.epilogue, pixel, n, sums[n]), error = (double)y[pixel * (size_t)s.out_stride + n] - exact;
      squares += exact * exact;
      error_squares += error * error;
      if (!(fabs(error) <= worst)) worst = fabs(error);
    }
    if (pixel + 1 < results)
      for (size_t n = s.out_channels; n < (size_t)s.out_stride; n++) gaps = gaps && is_gap(y[pixel * (size_t)s.out_stride + n]);
  }
  bool is_winograd = !transposed && algorithm == BF_CONV_WINOGRAD;
  double tolerance = (is_winograd ? 2e-5 : 2e-6) * (1 + sqrt((double)(area * in_group))) + 1e-7 * (double)(area * in_group);
  double norm = sqrt(error_squares / (squares + 1e-12));
  CHECK(worst <= tolerance && (norm < 1e-5 || squares < 1e-3),
        "%s %d: batch %zu, %zu x %zu x %zu to %zu x %zu x %zu, kernel %zu x %zu, stride %zu x %zu, dilation %zu x %zu, "
        "pad %zu, %zu, groups %zu, pixels %td, %td apart, planar %d, activation %d, residual %d: error %g, of the norm %g",
        transposed ? "deconv" : "conv", (int)algorithm, s.batch, s.in_height, s.in_width, s.in_channels, s.out_height,
        s.out_width, s.out_channels, s.kernel_height, s.kernel_width, s.stride_height, s.stride_width, s.dilation_height,
        s.dilation_width, s.pad_top, s.pad_left, s.groups, s.in_stride, s.out_stride, s.in_planar,
        (int)e.epilogue.activation, e.residual != NULL, worst, norm);
  CHECK(gaps, "conv %d writes between pixels", (int)algorithm);
  if (is_winograd && getenv("BF_VERBOSE") && e.epilogue.activation == BF_IDENTITY)
    printf("winograd %zu to %zu channels: error %g of the norm\n", s.in_channels, s.out_channels, norm);
  free(x), free(y), free(w), free(packed), free(scratch), free(sums), free_epilogue(&e);
}

/* Results follow from the input; pad on the other side at random. */
static void finish_shape(check_random *random, bf_conv_shape *s) {
  size_t reach_y = (s->kernel_height - 1) * s->dilation_height + 1, reach_x = (s->kernel_width - 1) * s->dilation_width + 1;
  size_t height = s->in_height + s->pad_top + random_below(random, s->pad_top + 2);
  size_t width = s->in_width + s->pad_left + random_below(random, s->pad_left + 2);
  s->out_height = (height < reach_y ? 0 : (height - reach_y) / s->stride_height) + 1;
  s->out_width = (width < reach_x ? 0 : (width - reach_x) / s->stride_width) + 1;
  s->in_stride = (ptrdiff_t)(s->in_channels + (random_below(random, 2) ? random_below(random, 20) : 0));
  s->out_stride = (ptrdiff_t)(s->out_channels + (random_below(random, 2) ? random_below(random, 20) : 0));
}

static bf_conv_shape random_shape(check_random *random, size_t in, size_t out, size_t groups) {
  bf_conv_shape s = {.batch = 1 + random_below(random, 3), .in_channels = in, .out_channels = out, .groups = groups};
  bool is_line = random_below(random, 6) == 0;
  s.in_height = is_line ? 1 : 1 + random_below(random, 14);
  s.in_width = 1 + random_below(random, 21);
  s.kernel_height = is_line ? 1 : 1 + random_below(random, 5);
  s.kernel_width = random_below(random, 2) ? 3 : 1 + random_below(random, 7);
  s.stride_height = is_line ? 1 : 1 + random_below(random, 3);
  s.stride_width = 1 + random_below(random, 3);
  s.dilation_height = 1 + random_below(random, 4) / 3;
  s.dilation_width = 1 + random_below(random, 4) / 3;
  s.pad_top = is_line ? 0 : random_below(random, s.kernel_height);
  s.pad_left = random_below(random, s.kernel_width);
  finish_shape(random, &s);
  return s;
}

static void convolutions_are_right(bf_pool *pool) {
  check_random random = {3};
  for (size_t i = 0; i < 60; i++) {
    bf_conv_shape s = random_shape(&random, 1 + random_below(&random, 40), 1 + random_below(&random, 90), 1);
    run_conv(pool, &random, s, BF_CONV_INDIRECT, false);
    run_conv(pool, &random, s, bf_f32_conv_choose(&s, bf_pool_threads(pool)), false);
  }
  /* Parts of k: taps, and channels of a tap. */
  bf_conv_shape deep = random_shape(&random, 700, 40, 1);
  deep.kernel_height = deep.kernel_width = 2;
  finish_shape(&random, &deep);
  run_conv(pool, &random, deep, BF_CONV_INDIRECT, false);
  deep.in_channels = 1700;
  finish_shape(&random, &deep);
  run_conv(pool, &random, deep, BF_CONV_INDIRECT, false);
  bf_conv_shape large = random_shape(&random, 2, 3, 1);
  large.kernel_height = 31, large.kernel_width = 33, large.pad_top = 15, large.pad_left = 16;
  large.dilation_height = large.dilation_width = 1;
  finish_shape(&random, &large);
  run_conv(pool, &random, large, BF_CONV_INDIRECT, false);
}

static void pointwise_convolutions_are_right(bf_pool *pool) {
  check_random random = {4};
  for (size_t i = 0; i < 20; i++) {
    bf_conv_shape s = random_shape(&random, 1 + random_below(&random, 60), 1 + random_below(&random, 90), 1);
    s.kernel_height = s.kernel_width = s.stride_height = s.stride_width = s.dilation_height = s.dilation_width = 1;
    s.pad_top = s.pad_left = 0;
    s.out_height = s.in_height, s.out_width = s.in_width;
    CHECK(bf_f32_conv_choose(&s, 1) == BF_CONV_POINTWISE, "1x1 is no product");
    run_conv(pool, &random, s, BF_CONV_POINTWISE, false);
  }
}

static void grouped_convolutions_are_right(bf_pool *pool) {
  check_random random = {5};
  for (size_t i = 0; i < 40; i++) {
    size_t groups = 1 + random_below(&random, 8);
    bf_conv_shape s = random_shape(&random, groups * (1 + random_below(&random, 9)), groups * (1 + random_below(&random, 20)), groups);
    run_conv(pool, &random, s, BF_CONV_GROUPED, false);
    s = random_shape(&random, groups, groups * (2 + random_below(&random, 3)), groups);
    run_conv(pool, &random, s, bf_f32_conv_choose(&s, 1), false);
  }
}

static void depthwise_convolutions_are_right(bf_pool *pool) {
  check_random random = {6};
  for (size_t i = 0; i < 120; i++) {
    size_t channels = 2 + random_below(&random, i % 3 ? 70 : 20);
    bf_conv_shape s = random_shape(&random, channels, channels, channels);
    if (i % 2) {
      s.kernel_height = s.kernel_width = i % 4 == 1 ? 3 : 5;
      s.dilation_height = s.dilation_width = 1;
      s.stride_height = s.stride_width = 1 + i / 4 % 2;
      s.pad_top = random_below(&random, 3), s.pad_left = random_below(&random, 3);
      finish_shape(&random, &s);
    }
    CHECK(bf_f32_conv_choose(&s, 1) == BF_CONV_DEPTHWISE, "a channel at a time is not depthwise");
    run_conv(pool, &random, s, BF_CONV_DEPTHWISE, false);
  }
}

static void stems_are_right(bf_pool *pool) {
  check_random random = {7};
  for (size_t i = 0; i < 40; i++) {
    bf_conv_shape s = random_shape(&random, 1 + random_below(&random, 4), 1 + random_below(&random, 70), 1);
    s.dilation_width = 1;
    if (s.kernel_width == 1) s.kernel_width = 2;
    finish_shape(&random, &s);
    s.in_planar = bf_f32_conv_takes_planar(&s, BF_CONV_FEW_CHANNELS) && i % 2;
    run_conv(pool, &random, s, BF_CONV_FEW_CHANNELS, false);
  }
  bf_conv_shape s = {.batch = 1, .in_height = 60, .in_width = 70, .in_channels = 3, .out_height = 30, .out_width = 35,
                     .out_channels = 64, .kernel_height = 7, .kernel_width = 7, .stride_height = 2, .stride_width = 2,
                     .dilation_height = 1, .dilation_width = 1, .pad_top = 3, .pad_left = 3, .groups = 1,
                     .in_stride = 3, .out_stride = 64, .in_planar = true};
  CHECK(bf_f32_conv_choose(&s, 1) == BF_CONV_FEW_CHANNELS, "a stem is no stem");
  run_conv(pool, &random, s, BF_CONV_FEW_CHANNELS, false);
}

static void winograd_is_right(bf_pool *pool) {
  check_random random = {8};
  for (size_t i = 0; i < 16; i++) {
    bf_conv_shape s = random_shape(&random, 16 + random_below(&random, 60), 16 + random_below(&random, 90), 1);
    s.kernel_height = s.kernel_width = 3;
    s.stride_height = s.stride_width = s.dilation_height = s.dilation_width = 1;
    s.pad_top = random_below(&random, 3), s.pad_left = random_below(&random, 3);
    finish_shape(&random, &s);
    run_conv(pool, &random, s, BF_CONV_WINOGRAD, false);
  }
  bf_conv_shape s = {.batch = 1, .in_height = 28, .in_width = 28, .in_channels = 128, .out_height = 28, .out_width = 28,
                     .out_channels = 64, .kernel_height = 3, .kernel_width = 3, .stride_height = 1, .stride_width = 1,
                     .dilation_height = 1, .dilation_width = 1, .pad_top = 1, .pad_left = 1, .groups = 1,
                     .in_stride = 128, .out_stride = 64};
  CHECK(bf_f32_conv_choose(&s, 1) == BF_CONV_WINOGRAD, "Winograd does not pay at 28 x 28 x 128");
  run_conv(pool, &random, s, BF_CONV_WINOGRAD, false);
}

static void transposed_convolutions_are_right(bf_pool *pool) {
  check_random random = {9};
  for (size_t i = 0; i < 60; i++) {
    size_t groups = i % 3 ? 1 : 1 + random_below(&random, 5);
    bf_conv_shape s = random_shape(&random, groups * (1 + random_below(&random, 20)), groups * (1 + random_below(&random, i % 2 ? 20 : 90)), groups);
    size_t height = (s.in_height - 1) * s.stride_height + (s.kernel_height - 1) * s.dilation_height + 1 + random_below(&random, s.stride_height);
    size_t width = (s.in_width - 1) * s.stride_width + (s.kernel_width - 1) * s.dilation_width + 1 + random_below(&random, s.stride_width);
    s.out_height = height > 2 * s.pad_top ? height - 2 * s.pad_top : height;
    s.out_width = width > 2 * s.pad_left ? width - 2 * s.pad_left : width;
    run_conv(pool, &random, s, BF_CONV_INDIRECT, true);
  }
}

const bf_test contraction_tests[] = {
    {"products are right", products_are_right},
    {"batched products are right", batched_products_are_right},
    {"convolutions are right", convolutions_are_right},
    {"pointwise convolutions are right", pointwise_convolutions_are_right},
    {"grouped convolutions are right", grouped_convolutions_are_right},
    {"depthwise convolutions are right", depthwise_convolutions_are_right},
    {"stems are right", stems_are_right},
    {"winograd is right", winograd_is_right},
    {"transposed convolutions are right", transposed_convolutions_are_right},
    {NULL, NULL},
};
