#include "check.h"

static void pools_cover_their_windows(bf_pool *pool) {
  check_random random = {51};
  for (int round = 0; round < 150; round++) {
    bf_conv_shape s = {.batch = 1 + random_below(&random, 2), .in_height = 1 + random_below(&random, 12),
                       .in_width = 1 + random_below(&random, 12), .in_channels = 1 + random_below(&random, 150),
                       .kernel_height = 1 + random_below(&random, 4), .kernel_width = 1 + random_below(&random, 4),
                       .stride_height = 1 + random_below(&random, 3), .stride_width = 1 + random_below(&random, 3),
                       .dilation_height = 1 + random_below(&random, 2), .dilation_width = 1 + random_below(&random, 2)};
    s.out_channels = s.in_channels;
    s.pad_top = random_below(&random, s.kernel_height);
    s.pad_left = random_below(&random, s.kernel_width);
    size_t pad_bottom = random_below(&random, s.kernel_height), pad_right = random_below(&random, s.kernel_width);
    size_t tall = s.in_height + s.pad_top + pad_bottom, wide = s.in_width + s.pad_left + pad_right;
    size_t reach_y = (s.kernel_height - 1) * s.dilation_height + 1, reach_x = (s.kernel_width - 1) * s.dilation_width + 1;
    if (tall < reach_y || wide < reach_x) continue;
    /* Every other shape rounds up, so that windows leave the padded input. */
    s.out_height = (tall - reach_y + (round % 2 ? s.stride_height - 1 : 0)) / s.stride_height + 1;
    s.out_width = (wide - reach_x + (round % 2 ? s.stride_width - 1 : 0)) / s.stride_width + 1;
    s.in_stride = (ptrdiff_t)s.in_channels + (round % 3 == 0 ? 5 : 0);
    s.out_stride = (ptrdiff_t)s.in_channels + (round % 4 == 0 ? 3 : 0);
    size_t in_count = s.batch * s.in_height * s.in_width * (size_t)s.in_stride;
    size_t out_count = s.batch * s.out_height * s.out_width * (size_t)s.out_stride;
    float *x = check_alloc(in_count * 4), *y = check_alloc(out_count * 4);
    random_fill(&random, x, in_count);
    if (round % 10 == 0) x[0] = NAN;
    for (int kind = BF_POOL_MAX; kind <= BF_POOL_AVERAGE_WITH_PADDING; kind++) {
      for (size_t i = 0; i < out_count; i++) y[i] = 9;
      bf_f32_pool(pool, (bf_pooling)kind, &s, pad_bottom, pad_right, x, y);
      for (size_t i = 0; i < out_count; i++) {
        size_t c = i % (size_t)s.out_stride, pixel = i / (size_t)s.out_stride;
        size_t ox = pixel % s.out_width, oy = pixel / s.out_width % s.out_height, b = pixel / s.out_width / s.out_height;
        if (c >= s.in_channels) {
          CHECK(y[i] == 9, "a gap between pixels was written");
          continue;
        }
        double sum = 0, most = -INFINITY;
        size_t inside = 0, padded = 0;
        bool is_number = true;
        for (size_t r = 0; r < s.kernel_height; r++)
          for (size_t q = 0; q < s.kernel_width; q++) {
            size_t py = oy * s.stride_height + r * s.dilation_height, px = ox * s.stride_width + q * s.dilation_width;
            if (py < tall && px < wide) padded++;
            if (py < s.pad_top || py >= s.pad_top + s.in_height || px < s.pad_left || px >= s.pad_left + s.in_width)
              continue;
            inside++;
            double value = (double)x[((b * s.in_height + py - s.pad_top) * s.in_width + px - s.pad_left) *
                                         (size_t)s.in_stride + c];
            is_number &= value == value;
            sum += value;
            if (value > most) most = value;
          }
        size_t count = kind == BF_POOL_AVERAGE ? inside : padded;
        double exact = kind == BF_POOL_MAX ? most : count == 0 ? 0 : sum / (double)count;
        CHECK(!is_number ? isnan(y[i]) : exact == (double)y[i] || fabs((double)y[i] - exact) < 1e-6,
              "pool %d kind %d, %zu: %g, not %g", round, kind, i, (double)y[i], exact);
      }
    }
    free(x);
    free(y);
  }
}

static void global_averages(bf_pool *pool) {
  check_random random = {52};
  static const size_t shapes[][3] = {{1, 49, 1280}, {2, 1, 7}, {3, 300, 65}, {1, 5000, 3}};
  for (size_t t = 0; t < 4; t++) {
    size_t batch = shapes[t][0], pixels = shapes[t][1], channels = shapes[t][2], stride = channels + t;
    float *x = check_alloc(batch * pixels * stride * 4), *y = check_alloc(batch * channels * 4);
    random_fill(&random, x, batch * pixels * stride);
    bf_f32_global_average(pool, batch, pixels, channels, (ptrdiff_t)stride, x, y);
    for (size_t b = 0; b < batch; b++)
      for (size_t c = 0; c < channels; c++) {
        double sum = 0;
        for (size_t p = 0; p < pixels; p++) sum += (double)x[(b * pixels + p) * stride + c];
        CHECK(fabs((double)y[b * channels + c] - sum / (double)pixels) < 1e-6, "average of channel %zu", c);
      }
    free(x);
    free(y);
  }
}

static void resizes_weigh_their_taps(bf_pool *pool) {
  check_random random = {53};
  static const size_t all_taps[] = {1, 2, 3, 4, 8};
  for (int round = 0; round < 60; round++) {
    bf_resize s = {.batch = 1 + random_below(&random, 2), .in_height = 1 + random_below(&random, 9),
                   .in_width = 1 + random_below(&random, 9), .out_height = 1 + random_below(&random, 14),
                   .out_width = 1 + random_below(&random, 14), .channels = 1 + random_below(&random, 70),
                   .taps = all_taps[random_below(&random, 5)]};
    int32_t *rows = check_alloc(s.out_height * s.taps * 4), *columns = check_alloc(s.out_width * s.taps * 4);
    float *row_weight = check_alloc(s.out_height * s.taps * 4), *column_weight = check_alloc(s.out_width * s.taps * 4);
    for (size_t i = 0; i < s.out_height * s.taps; i++) rows[i] = (int32_t)random_below(&random, s.in_height);
    for (size_t i = 0; i < s.out_width * s.taps; i++) columns[i] = (int32_t)random_below(&random, s.in_width);
    random_fill(&random, row_weight, s.out_height * s.taps);
    random_fill(&random, column_weight, s.out_width * s.taps);
    s.row_index = rows;
    s.column_index = columns;
    s.row_weight = s.taps > 1 ? row_weight : NULL;
    s.column_weight = s.taps > 1 ? column_weight : NULL;
    size_t in_count = s.batch * s.in_height * s.in_width * s.channels;
    size_t out_count = s.batch * s.out_height * s.out_width * s.channels;
    float *x = check_alloc(in_count * 4), *y = check_alloc(out_count * 4);
    random_fill(&random, x, in_count);
    bf_f32_resize(pool, &s, x, y);
    for (size_t i = 0; i < out_count; i++) {
      size_t c = i % s.channels, ox = i / s.channels % s.out_width, oy = i / s.channels / s.out_width % s.out_height;
      size_t b = i / s.channels / s.out_width / s.out_height;
      double sum = 0;
      for (size_t r = 0; r < s.taps; r++)
        for (size_t q = 0; q < s.taps; q++) {
          size_t iy = (size_t)rows[oy * s.taps + r], ix = (size_t)columns[ox * s.taps + q];
          double weight = s.taps == 1 ? 1 : (double)row_weight[oy * s.taps + r] * (double)column_weight[ox * s.taps + q];
          sum += weight * (double)x[((b * s.in_height + iy) * s.in_width + ix) * s.channels + c];
        }
      CHECK(fabs((double)y[i] - sum) < 1e-5, "resize with %zu taps: %g, not %g", s.taps, (double)y[i], sum);
    }
    free(rows); free(columns); free(row_weight); free(column_weight); free(x); free(y);
  }
}

const bf_test spatial_tests[] = {{"pools cover their windows", pools_cover_their_windows},
                                 {"global averages", global_averages},
                                 {"resizes weigh their taps", resizes_weigh_their_taps},
                                 {NULL, NULL}};
