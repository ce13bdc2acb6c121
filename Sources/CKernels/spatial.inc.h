/* Vectors of channels; included once for each instruction set. */

/* The taps of a window inside the input: first, and one past the last. */
BF_INLINE void window(size_t at, size_t stride, size_t dilation, size_t kernel, size_t pad, size_t extent,
                      size_t *first, size_t *end) {
  size_t start = at * stride;
  *first = start >= pad ? 0 : (pad - start + dilation - 1) / dilation;
  *end = start >= pad + extent ? 0 : (pad + extent - start + dilation - 1) / dilation;
  if (*end > kernel) *end = kernel;
  if (*first > *end) *first = *end;
}

/* `vectors` of channels over the window; a single one has `n` channels. */
BF_INLINE void pool_channels(bool is_max, int vectors, size_t n, const float *x, size_t rows, size_t columns,
                             ptrdiff_t row_step, ptrdiff_t column_step, float factor, float *y) {
  vf sum[4];
  BF_UNROLL_ALL
  for (int k = 0; k < vectors; k++) sum[k] = is_max ? v_splat(-INFINITY) : (vf){0};
  for (size_t r = 0; r < rows; r++, x += row_step) {
    const float *at = x;
    for (size_t c = 0; c < columns; c++, at += column_step)
      BF_UNROLL_ALL
      for (int k = 0; k < vectors; k++) {
        vf value = vectors > 1 ? v_load(at + k * VW) : v_load_first(at, n);
        sum[k] = is_max ? v_maximum(sum[k], value) : sum[k] + value;
      }
  }
  BF_UNROLL_ALL
  for (int k = 0; k < vectors; k++) {
    vf value = is_max ? sum[k] : sum[k] * factor;
    if (vectors > 1)
      v_store(y + k * VW, value);
    else
      v_store_first(y, value, n);
  }
}

BF_INLINE void pool_row(const bf_pool_job *job, bool is_max, size_t row) {
  const bf_conv_shape *s = job->shape;
  size_t image = row / s->out_height, oy = row % s->out_height, channels = s->in_channels;
  size_t top, bottom;
  window(oy, s->stride_height, s->dilation_height, s->kernel_height, s->pad_top, s->in_height, &top, &bottom);
  size_t padded_top, padded_bottom;
  window(oy, s->stride_height, s->dilation_height, s->kernel_height, 0, job->end_height, &padded_top,
         &padded_bottom);
  ptrdiff_t column_step = (ptrdiff_t)s->dilation_width * s->in_stride;
  ptrdiff_t row_step = (ptrdiff_t)(s->dilation_height * s->in_width) * s->in_stride;
  for (size_t ox = 0; ox < s->out_width; ox++) {
    size_t left, right, padded_left, padded_right;
    window(ox, s->stride_width, s->dilation_width, s->kernel_width, s->pad_left, s->in_width, &left, &right);
    window(ox, s->stride_width, s->dilation_width, s->kernel_width, 0, job->end_width, &padded_left,
           &padded_right);
    size_t rows = bottom - top, columns = right - left, count = rows * columns;
    if (job->kind == BF_POOL_AVERAGE_WITH_PADDING) count = padded_bottom * padded_right;
    size_t y0 = oy * s->stride_height + top * s->dilation_height - s->pad_top;
    size_t x0 = ox * s->stride_width + left * s->dilation_width - s->pad_left;
    const float *x = job->input;
    if (rows != 0 && columns != 0)
      x += (ptrdiff_t)((image * s->in_height + y0) * s->in_width + x0) * s->in_stride;
    float *y = job->output + (ptrdiff_t)(row * s->out_width + ox) * s->out_stride;
    float factor = count == 0 ? 0 : 1 / (float)count;
    size_t c = 0;
    for (; c + 4 * VW <= channels; c += 4 * VW)
      pool_channels(is_max, 4, 0, x + c, rows, columns, row_step, column_step, factor, y + c);
    for (; c < channels; c += VW)
      pool_channels(is_max, 1, channels - c, x + c, rows, columns, row_step, column_step, factor, y + c);
  }
}

static void pool_rows(void *context, size_t index, size_t thread) {
  (void)thread;
  const bf_pool_job *job = context;
  size_t rows = job->shape->batch * job->shape->out_height, end = (index + 1) * job->group;
  if (end > rows) end = rows;
  for (size_t row = index * job->group; row < end; row++) {
    if (job->kind == BF_POOL_MAX)
      pool_row(job, true, row);
    else
      pool_row(job, false, row);
  }
}

/* Sums of blocks of pixels, so that long ones stay exact. */
BF_INLINE void average_channels(int vectors, size_t n, size_t pixels, ptrdiff_t stride, const float *x,
                                float *y) {
  enum { PIXELS = 256 };
  vf total[4] = {{0}};
  for (size_t start = 0; start < pixels; start += PIXELS) {
    size_t end = start + PIXELS < pixels ? start + PIXELS : pixels;
    vf sum[4] = {{0}};
    for (size_t p = start; p < end; p++)
      BF_UNROLL_ALL
      for (int k = 0; k < vectors; k++)
        sum[k] += vectors > 1 ? v_load(x + (ptrdiff_t)p * stride + k * VW)
                              : v_load_first(x + (ptrdiff_t)p * stride, n);
    BF_UNROLL_ALL
    for (int k = 0; k < vectors; k++) total[k] += sum[k];
  }
  BF_UNROLL_ALL
  for (int k = 0; k < vectors; k++) {
    vf mean = total[k] / (float)pixels;
    if (vectors > 1)
      v_store(y + k * VW, mean);
    else
      v_store_first(y, mean, n);
  }
}

static void global_average(void *context, size_t index, size_t thread) {
  (void)thread;
  const bf_average_job *job = context;
  size_t blocks = (job->channels + BF_AVERAGE_CHANNELS - 1) / BF_AVERAGE_CHANNELS, image = index / blocks;
  size_t c = index % blocks * BF_AVERAGE_CHANNELS, end = c + BF_AVERAGE_CHANNELS;
  if (end > job->channels) end = job->channels;
  const float *x = job->input + (ptrdiff_t)(image * job->pixels) * job->in_stride;
  float *y = job->output + image * job->channels;
  for (; c + 4 * VW <= end; c += 4 * VW) average_channels(4, 0, job->pixels, job->in_stride, x + c, y + c);
  for (; c < end; c += VW) average_channels(1, end - c, job->pixels, job->in_stride, x + c, y + c);
}

BF_INLINE void resize_pixel(size_t channels, int row_taps, int column_taps, const float *const *row,
                            const int32_t *column, const float *row_weight, const float *column_weight,
                            float *y) {
  for (size_t c = 0; c < channels; c += VW) {
    vf sum = {0};
    BF_UNROLL_ALL
    for (int i = 0; i < row_taps; i++) {
      vf part = {0};
      BF_UNROLL_ALL
      for (int j = 0; j < column_taps; j++)
        part += column_weight[j] * v_load_first(row[i] + (size_t)column[j] * channels + c, channels - c);
      sum += row_weight[i] * part;
    }
    v_store_first(y + c, sum, channels - c);
  }
}

static void resize_any_pixel(size_t channels, size_t taps, const float *const *row, const int32_t *column,
                             const float *row_weight, const float *column_weight, float *y) {
  for (size_t c = 0; c < channels; c += VW) {
    vf sum = {0};
    for (size_t i = 0; i < taps; i++) {
      vf part = {0};
      for (size_t j = 0; j < taps; j++)
        part += column_weight[j] * v_load_first(row[i] + (size_t)column[j] * channels + c, channels - c);
      sum += row_weight[i] * part;
    }
    v_store_first(y + c, sum, channels - c);
  }
}

static void resize_row(const bf_resize_job *job, size_t index) {
  const bf_resize *s = job->shape;
  size_t image = index / s->out_height, oy = index % s->out_height, channels = s->channels;
  enum { TAPS = 32 };
  const float *row[TAPS];
  float *y = job->output + index * s->out_width * channels;
  size_t taps = s->taps < TAPS ? s->taps : TAPS;
  for (size_t i = 0; i < taps; i++)
    row[i] = job->input + (image * s->in_height + (size_t)s->row_index[oy * s->taps + i]) * s->in_width * channels;
  const float *row_weight = s->taps > 1 ? s->row_weight + oy * s->taps : NULL;
  for (size_t ox = 0; ox < s->out_width; ox++, y += channels) {
    const int32_t *column = s->column_index + ox * s->taps;
    const float *column_weight = s->taps > 1 ? s->column_weight + ox * s->taps : NULL;
    switch (taps) {
    case 1:
      for (size_t c = 0; c < channels; c += VW)
        v_store_first(y + c, v_load_first(row[0] + (size_t)column[0] * channels + c, channels - c), channels - c);
      break;
    case 2: resize_pixel(channels, 2, 2, row, column, row_weight, column_weight, y); break;
    case 4: resize_pixel(channels, 4, 4, row, column, row_weight, column_weight, y); break;
    default: resize_any_pixel(channels, taps, row, column, row_weight, column_weight, y); break;
    }
  }
}

static void resize_rows(void *context, size_t index, size_t thread) {
  (void)thread;
  const bf_resize_job *job = context;
  size_t rows = job->shape->batch * job->shape->out_height, end = (index + 1) * job->group;
  if (end > rows) end = rows;
  for (size_t row = index * job->group; row < end; row++) resize_row(job, row);
}

const bf_spatial_tasks TASKS = {pool_rows, global_average, resize_rows};
