/* From sums to results. */

static void activate(bf_activation activation, float a, float b, size_t count, float *x) {
  if (activation == BF_IDENTITY) return;
  size_t i = 0;
  for (; i + VW <= count; i += VW) v_store(x + i, v_activate(activation, v_splat(a), v_splat(b), v_load(x + i)));
  if (i == count) return;
  vf rest = v_activate(activation, v_splat(a), v_splat(b), v_load_some(x + i, count - i));
  v_store_some(x + i, rest, count - i);
}

/* x / scale to the nearest integer, half to even, within the bytes' range. */
Q8_INLINE int32_t quantized(float x, float scale, float low, float high) {
  float q = x / scale;
  q = q < low ? low : q;
  q = q > high ? high : q;
  return (int32_t)__builtin_rintf(q);
}

/* Any result from a row of at most Q8_MAX_PANEL sums. */
static void finish_row(const q8_result *r, size_t row, size_t column, size_t count, const int32_t *sums) {
  const bf_sum_epilogue *e = r->epilogue;
  ptrdiff_t at = (ptrdiff_t)row * r->stride + (ptrdiff_t)column;
  if (e->result == BF_SUM_INT32) {
    memcpy((int32_t *)r->output + at, sums, count * sizeof *sums);
    return;
  }
  if (e->result == BF_SUM_FIXED) {
    uint8_t *out = (uint8_t *)r->output + at;
    const int32_t *multiplier = e->fixed_multiplier + column, *shift = e->fixed_shift + column;
    for (size_t i = 0; i < count; i++)
      out[i] = q8_fixed_byte(q8_fixed(sums[i], multiplier[i], shift[i]), r->zero_point, r->flip);
    return;
  }
  float x[Q8_MAX_PANEL];
  const float *multiplier = e->multiplier + column;
  for (size_t i = 0; i < count; i++) x[i] = (float)sums[i] * multiplier[i];
  if (e->real_bias)
    for (size_t i = 0; i < count; i++) x[i] += e->real_bias[column + i];
  activate(e->activation, e->a, e->b, count, x);
  if (e->residual) {
    bool is_signed = e->residual_affine.type == BF_S8;
    uint8_t flip = is_signed ? 0x80 : 0;
    int32_t zero = e->residual_affine.zero_point + (is_signed ? 128 : 0);
    float scale = e->residual_affine.scale;
    const uint8_t *residual = (const uint8_t *)e->residual + (ptrdiff_t)row * e->residual_stride + column;
    for (size_t i = 0; i < count; i++) x[i] += (float)((int32_t)(residual[i] ^ flip) - zero) * scale;
    activate(e->residual_activation, e->residual_a, e->residual_b, count, x);
  }
  if (e->result == BF_SUM_REAL) {
    memcpy((float *)r->output + at, x, count * sizeof *x);
    return;
  }
  float scale = e->output.scale;
  float low = (float)-r->zero_point, high = (float)(255 - r->zero_point);
  uint8_t flip = r->flip;
  uint8_t *out = (uint8_t *)r->output + at;
  for (size_t i = 0; i < count; i++)
    out[i] = (uint8_t)(quantized(x[i], scale, low, high) + r->zero_point) ^ flip;
}

/* Bytes from `vectors` vectors of sums, in the order of qb_narrow. is_plain: r's. */
Q8_INLINE qb requantized(const q8_result *r, const qf *multiplier, const qf *bias, const qi *sums,
                         const int vectors, const uint8_t *residual, const bool is_plain) {
  qi q[4];
  BF_UNROLL_ALL
  for (int j = 0; j < 4; j++) {
    if (j >= vectors) {
      q[j] = q[vectors == 2 ? j - 2 : vectors - 1];
      continue;
    }
    qf x = qf_fma(qi_float(sums[j]), multiplier[j], bias[j]);
    if (residual)
      x = qf_fma(qi_float(qi_widen(residual + j * L, r->residual_flip)), qf_set(r->residual_scale), x);
    q[j] = qf_round(x);
  }
  return qb_narrow(q[0], q[1], q[2], q[3], r, is_plain);
}
