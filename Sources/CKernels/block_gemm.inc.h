/* Products with block-quantized weights. Activations are integers of three digits of base 256, so that sums
 * within a segment are exact and as near to the real ones as float32 is. */

Q8_INLINE void fold(qf *total, const qa *digits, qf weight_scale, float scale) {
  qf sum = qf_fma(qi_float(qa_sum(digits[0])), qf_set(65536), qi_float(qa_sum(digits[2])));
  sum = qf_fma(qi_float(qa_sum(digits[1])), qf_set(256), sum);
  *total = qf_fma(sum, qf_mul(weight_scale, qf_set(scale)), *total);
}

/* Digits of 4 consecutive k for all the rows and vectors. */
Q8_INLINE void add_group(qa (*sums)[BLOCK_NV][3], const int8_t *const *digits, size_t segment, size_t k, const qu *w,
                         const int rows, const int vectors) {
  BF_UNROLL_ALL
  for (int i = 0; i < rows; i++)
    BF_UNROLL_ALL
    for (int d = 0; d < 3; d++) {
      uint32_t four;
      memcpy(&four, digits[i] + (size_t)d * segment + k, 4);
      qs x = qs_from(qb_set(four));
      BF_UNROLL_ALL
      for (int j = 0; j < vectors; j++) sums[i][j][d] = qa_dot(sums[i][j][d], w[j], x);
    }
}

/* `rows` rows times `vectors` vectors of the panel's columns from `column` on. */
Q8_INLINE void run_block_tile(const q8_block_panel *p, size_t row, size_t column, const int rows, const int vectors,
                              const int bits) {
  const size_t width = BLOCK_NV * L;
  qf total[BLOCK_MR][BLOCK_NV];
  BF_UNROLL_ALL
  for (int i = 0; i < rows; i++)
    BF_UNROLL_ALL
    for (int j = 0; j < vectors; j++)
      total[i][j] = qf_load(p->sums + (row + (size_t)i) * width + column + (size_t)j * L);
  const int8_t *digits[BLOCK_MR];
  BF_UNROLL_ALL
  for (int i = 0; i < rows; i++) digits[i] = p->digits + (row + (size_t)i) * p->row_stride;
  const uint8_t *block = p->packed;
  size_t within = p->first_segment;
  const size_t segment_bytes = width * p->segment * (size_t)bits / 8;
  for (size_t s = 0; s < p->segments; s++) {
    const uint8_t *w = block + within * segment_bytes + column * 4;
    const float *scales = (const float *)(const void *)(block + p->weight_bytes) + column;
    const uint8_t *zeros = block + p->weight_bytes + width * 4 + column;
    qa sums[BLOCK_MR][BLOCK_NV][3];
    BF_UNROLL_ALL
    for (int i = 0; i < rows; i++)
      BF_UNROLL_ALL
      for (int d = 0; d < 3; d++) {
        size_t at = ((row + (size_t)i) * p->segments + s) * 3 + (size_t)d;
        qi start = qi_set(p->starts[at]);
        BF_UNROLL_ALL
        for (int j = 0; j < vectors; j++)
          sums[i][j][d] = qa_start(
              p->has_zero_points ? qi_sub_mul(start, qi_widen(zeros + j * L, 0), qi_set(p->digit_sums[at])) : start);
      }
    for (size_t k = 0; k < p->segment; k += bits == 4 ? 8 : 4, w += width * 4) {
      qu first[BLOCK_NV];
      qb raw[BLOCK_NV];
      BF_UNROLL_ALL
      for (int j = 0; j < vectors; j++) {
        raw[j] = qb_load(w + j * 4 * L);
        first[j] = qu_from(bits == 4 ? qb_low_nibbles(raw[j]) : raw[j]);
      }
      add_group(sums, digits, p->segment, k, first, rows, vectors);
      if (bits == 4) {
        BF_UNROLL_ALL
        for (int j = 0; j < vectors; j++) first[j] = qu_from(qb_high_nibbles(raw[j]));
        add_group(sums, digits, p->segment, k + 4, first, rows, vectors);
      }
    }
    BF_UNROLL_ALL
    for (int j = 0; j < vectors; j++) {
      qf scale = qf_load(scales + j * L);
      BF_UNROLL_ALL
      for (int i = 0; i < rows; i++) fold(&total[i][j], sums[i][j], scale, p->scales[(row + (size_t)i) * p->segments + s]);
    }
    BF_UNROLL_ALL
    for (int i = 0; i < rows; i++) digits[i] += 3 * p->segment;
    if (++within == p->segments_per_block) {
      within = 0;
      block += p->block_bytes;
    }
  }
  BF_UNROLL_ALL
  for (int i = 0; i < rows; i++)
    BF_UNROLL_ALL
    for (int j = 0; j < vectors; j++)
      qf_store(p->sums + (row + (size_t)i) * width + column + (size_t)j * L, total[i][j]);
}

Q8_INLINE void run_block(const q8_block_panel *p, const int bits) {
  size_t row = 0;
  if (BLOCK_MR > 1)
    for (; row + BLOCK_MR <= p->rows; row += BLOCK_MR)
      for (size_t column = 0; column < BLOCK_NV * L; column += BLOCK_TILE * L)
        run_block_tile(p, row, column, BLOCK_MR, BLOCK_TILE, bits);
  for (; row < p->rows; row++) run_block_tile(p, row, 0, 1, BLOCK_NV, bits);
}

static __attribute__((noinline)) void block_4(const q8_block_panel *p) { run_block(p, 4); }
static __attribute__((noinline)) void block_8(const q8_block_panel *p) { run_block(p, 8); }
static void block(const q8_block_panel *p) {
  if (p->bits == 4)
    block_4(p);
  else
    block_8(p);
}

/* One segment as three digits: x = scale (65536 d0 + 256 d1 + d2). Anything that is not finite makes the
 * scale, and with it the sums, NaN. */
static float split_digits(size_t count, const float *x, size_t segment, int8_t *restrict digits, int32_t *sums) {
  float greatest[16] = {0}, check[16] = {0};
  size_t i = 0;
  for (; i + 16 <= count; i += 16)
    for (size_t j = 0; j < 16; j++) {
      float v = __builtin_fabsf(x[i + j]);
      greatest[j] = v > greatest[j] ? v : greatest[j];
      check[j] += v * 0;
    }
  for (; i < count; i++) {
    float v = __builtin_fabsf(x[i]);
    greatest[0] = v > greatest[0] ? v : greatest[0];
    check[0] += v * 0;
  }
  for (size_t j = 1; j < 16; j++) {
    greatest[0] = greatest[j] > greatest[0] ? greatest[j] : greatest[0];
    check[0] += check[j];
  }
  memset(sums, 0, 3 * sizeof *sums);
  if (!(check[0] == 0) || greatest[0] < 1e-31f) {
    memset(digits, 0, 3 * segment);
    return check[0]; /* 0 or NaN */
  }
  const float most = 8e6f, inverse = most / greatest[0];
  int32_t high = 0, middle = 0, low = 0;
  for (i = 0; i < count; i++) {
    int32_t v = (int32_t)__builtin_rintf(x[i] * inverse);
    int32_t d2 = (int8_t)v;
    v = (v - d2) >> 8;
    int32_t d1 = (int8_t)v;
    int32_t d0 = (v - d1) >> 8;
    digits[i] = (int8_t)d0;
    digits[segment + i] = (int8_t)d1;
    digits[2 * segment + i] = (int8_t)d2;
    high += d0;
    middle += d1;
    low += d2;
  }
  for (size_t d = 0; d < 3; d++) memset(digits + d * segment + count, 0, segment - count);
  sums[0] = high;
  sums[1] = middle;
  sums[2] = low;
  return greatest[0] / most;
}
