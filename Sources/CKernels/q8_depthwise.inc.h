/* One filter for each channel. Bytes of four kernel rows are zipped, so that one dot product takes a
 * kernel column; every input column is zipped once for all the outputs of a block that it is part of. */

/* Sums of one pixel in the order of the lanes, to any result. */
static __attribute__((noinline)) void put_lanes(const q8_depthwise_row *d, size_t pixel, const int32_t *lanes) {
  int32_t sums[4 * L];
  for (size_t i = 0; i < 4 * L; i++) sums[i] = lanes[i / 4 % 4 * L + i / 16 * 4 + i % 4];
  finish_row(d->result, d->first_row + pixel, d->first_column, d->column_count, sums);
}

Q8_INLINE void put_byte_pixels(const q8_depthwise_row *d, size_t pixel, qa (*sums)[4], const int count,
                               const bool is_full, const bool is_plain) {
  const q8_result *r = d->result;
  uint8_t *out = (uint8_t *)r->output + (ptrdiff_t)(d->first_row + pixel) * r->stride + d->first_column;
  qf multiplier[4], bias[4];
  BF_UNROLL_ALL
  for (int j = 0; j < 4; j++) {
    multiplier[j] = qf_load(d->columns.multiplier + j * L);
    bias[j] = qf_load(d->columns.real_bias + j * L);
  }
  BF_UNROLL_ALL
  for (int o = 0; o < count; o++) {
    qi v[4];
    BF_UNROLL_ALL
    for (int j = 0; j < 4; j++) v[j] = qa_sum(sums[o][j]);
    qb_store(out + o * r->stride, requantized(r, multiplier, bias, v, 4, NULL, is_plain),
             is_full ? 4 * L : d->column_count);
  }
}

Q8_INLINE void put_fixed_pixels(const q8_depthwise_row *d, size_t pixel, qa (*sums)[4], const int count,
                                const bool is_full) {
  const q8_result *r = d->result;
  uint8_t *out = (uint8_t *)r->output + (ptrdiff_t)(d->first_row + pixel) * r->stride + d->first_column;
  qi q[DW_COLUMNS][4];
  BF_UNROLL_ALL
  for (int j = 0; j < 4; j++) {
    const qi multiplier = qi_load(d->columns.fixed_multiplier + j * L), right = qi_load(d->columns.fixed_right + j * L);
    BF_UNROLL_ALL
    for (int o = 0; o < count; o++) q[o][j] = qi_fixed(qa_sum(sums[o][j]), multiplier, right);
  }
  BF_UNROLL_ALL
  for (int o = 0; o < count; o++)
    qb_store(out + o * r->stride, qb_narrow(q[o][0], q[o][1], q[o][2], q[o][3], r, false),
             is_full ? 4 * L : d->column_count);
}

Q8_INLINE void put_pixels(const q8_depthwise_row *d, size_t pixel, qa (*sums)[4], const int count,
                          const bool is_full) {
  if (d->result->form == Q8_BYTE) {
    if (d->result->is_plain)
      put_byte_pixels(d, pixel, sums, count, is_full, true);
    else
      put_byte_pixels(d, pixel, sums, count, is_full, false);
    return;
  }
  if (d->result->form == Q8_BYTE_FIXED) {
    put_fixed_pixels(d, pixel, sums, count, is_full);
    return;
  }
  int32_t lanes[DW_COLUMNS][4 * L];
  BF_UNROLL_ALL
  for (int o = 0; o < count; o++) {
    BF_UNROLL_ALL
    for (int j = 0; j < 4; j++) qi_store(lanes[o] + j * L, qa_sum(sums[o][j]));
  }
  for (int o = 0; o < count; o++) put_lanes(d, pixel + (size_t)o, lanes[o]);
}

/* `rows` of four; the weights of the others are zero. */
Q8_INLINE void zip_column(const uint8_t *const p[4], const int rows, qb flip, size_t count, const bool is_full,
                          qu *u) {
  qb x[4];
  BF_UNROLL_ALL
  for (int y = 0; y < 4; y++) x[y] = y >= rows ? qb_set(0) : qb_xor(is_full ? qb_load(p[y]) : qb_load_part(p[y], count), flip);
  qb low01 = qb_zip_low8(x[0], x[1]), high01 = qb_zip_high8(x[0], x[1]);
  qb low23 = qb_zip_low8(x[2], x[3]), high23 = qb_zip_high8(x[2], x[3]);
  u[0] = qu_from(qb_zip_low16(low01, low23));
  u[1] = qu_from(qb_zip_high16(low01, low23));
  u[2] = qu_from(qb_zip_low16(high01, high23));
  u[3] = qu_from(qb_zip_high16(high01, high23));
}

/* DW_COLUMNS pixels from `pixel` on. The kernel's extents and stride are those of d, as constants; `rows` is
 * 4 when they are more. */
Q8_INLINE void run_pixels(const q8_depthwise_row *d, size_t pixel, const int rows, const int kernel_width,
                          const int stride, const bool is_inside) {
  qa sums[DW_COLUMNS][4];
  BF_UNROLL_ALL
  for (int j = 0; j < 4; j++) {
    qi offset = qi_load(d->columns.offset + j * L);
    BF_UNROLL_ALL
    for (int o = 0; o < DW_COLUMNS; o++) sums[o][j] = qa_start(offset);
  }
  const qb flip = qb_set(d->flip);
  const int8_t *w = d->weights;
  ptrdiff_t left = (ptrdiff_t)(pixel * (size_t)stride) - (ptrdiff_t)d->pad_left;
  for (size_t g = 0; g < d->groups; g++, w += kernel_width * 16 * L) {
    const uint8_t *line[4];
    ptrdiff_t steps[4];
    BF_UNROLL_ALL
    for (int y = 0; y < 4; y++) {
      steps[y] = d->steps[4 * g + y];
      line[y] = d->rows[4 * g + y] + left * steps[y];
    }
    BF_UNROLL_ALL
    for (int c = 0; c < (DW_COLUMNS - 1) * stride + kernel_width; c++) {
      ptrdiff_t x = left + c;
      bool is_padding = !is_inside && (x < 0 || x >= (ptrdiff_t)d->in_width);
      const uint8_t *p[4];
      BF_UNROLL_ALL
      for (int y = 0; y < 4; y++) {
        p[y] = is_padding ? d->padding : line[y];
        line[y] += steps[y];
      }
      qu u[4];
      zip_column(p, rows, flip, 4 * L, true, u);
      BF_UNROLL_ALL
      for (int o = 0; o < DW_COLUMNS; o++) {
        int k = c - o * stride;
        if (k < 0 || k >= kernel_width) continue;
        BF_UNROLL_ALL
        for (int j = 0; j < 4; j++)
          sums[o][j] = qa_dot(sums[o][j], u[j], qs_from(qb_load(w + (4 * k + j) * 4 * L)));
      }
    }
  }
  put_pixels(d, pixel, sums, DW_COLUMNS, true);
}

Q8_INLINE void run_any_pixel(const q8_depthwise_row *d, size_t pixel, const bool is_full) {
  qa sums[1][4];
  BF_UNROLL_ALL
  for (int j = 0; j < 4; j++) sums[0][j] = qa_start(qi_load(d->columns.offset + j * L));
  const qb flip = qb_set(d->flip);
  const int8_t *w = d->weights;
  ptrdiff_t left = (ptrdiff_t)(pixel * d->stride) - (ptrdiff_t)d->pad_left;
  for (size_t g = 0; g < d->groups; g++)
    for (size_t k = 0; k < d->kernel_width; k++, w += 16 * L) {
      ptrdiff_t x = left + (ptrdiff_t)(k * d->dilation);
      bool is_padding = x < 0 || x >= (ptrdiff_t)d->in_width;
      const uint8_t *p[4];
      BF_UNROLL_ALL
      for (int y = 0; y < 4; y++) p[y] = is_padding ? d->padding : d->rows[4 * g + y] + x * d->steps[4 * g + y];
      qu u[4];
      zip_column(p, 4, flip, d->column_count, is_full, u);
      BF_UNROLL_ALL
      for (int j = 0; j < 4; j++) sums[0][j] = qa_dot(sums[0][j], u[j], qs_from(qb_load(w + j * 4 * L)));
    }
  put_pixels(d, pixel, sums, 1, is_full);
}

/* Blocks of pixels; the last one overlaps the one before. */
Q8_INLINE void run_columns(const q8_depthwise_row *d, const int rows, const int kernel_width, const int stride) {
  if (d->out_width < DW_COLUMNS) {
    for (size_t pixel = 0; pixel < d->out_width; pixel++) run_any_pixel(d, pixel, true);
    return;
  }
  size_t reach = (size_t)((DW_COLUMNS - 1) * stride + kernel_width);
  for (size_t pixel = 0;; pixel += DW_COLUMNS) {
    if (pixel + DW_COLUMNS > d->out_width) pixel = d->out_width - DW_COLUMNS;
    size_t first = pixel * (size_t)stride;
    if (first >= d->pad_left && first - d->pad_left + reach <= d->in_width)
      run_pixels(d, pixel, rows, kernel_width, stride, true);
    else
      run_pixels(d, pixel, rows, kernel_width, stride, false);
    if (pixel + DW_COLUMNS == d->out_width) return;
  }
}

static void depthwise(const q8_depthwise_row *d) {
  if (d->column_count < 4 * L) {
    for (size_t pixel = 0; pixel < d->out_width; pixel++) run_any_pixel(d, pixel, false);
    return;
  }
  if (d->dilation == 1 && d->stride <= 2 && d->kernel_height == d->kernel_width) {
    switch (d->kernel_width * 2 + d->stride) {
    case 3 * 2 + 1: run_columns(d, 3, 3, 1); return;
    case 3 * 2 + 2: run_columns(d, 3, 3, 2); return;
    case 5 * 2 + 1: run_columns(d, 4, 5, 1); return;
    case 5 * 2 + 2: run_columns(d, 4, 5, 2); return;
    default: break;
    }
  }
  for (size_t pixel = 0; pixel < d->out_width; pixel++) run_any_pixel(d, pixel, true);
}
