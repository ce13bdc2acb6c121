/* Real numbers to bytes and back; loops that the compiler turns into vector code. */

Q8_INLINE void quantize_to(size_t count, const float *restrict x, float scale, int32_t zero, const int32_t low,
                           const int32_t high, uint8_t *restrict q) {
  float least = (float)(low - zero), greatest = (float)(high - zero);
  for (size_t i = 0; i < count; i++) q[i] = (uint8_t)(quantized(x[i], scale, least, greatest) + zero);
}

static void quantize(size_t count, const float *x, const bf_affine *affine, void *q) {
  if (affine->type == BF_U8)
    quantize_to(count, x, affine->scale, affine->zero_point, 0, 255, q);
  else
    quantize_to(count, x, affine->scale, affine->zero_point, -128, 127, q);
}

static void dequantize(size_t count, const void *q, const bf_affine *affine, float *restrict x) {
  const float scale = affine->scale;
  const int32_t zero = affine->zero_point;
  if (affine->type == BF_U8) {
    const uint8_t *restrict bytes = q;
    for (size_t i = 0; i < count; i++) x[i] = (float)((int32_t)bytes[i] - zero) * scale;
  } else {
    const int8_t *restrict bytes = q;
    for (size_t i = 0; i < count; i++) x[i] = (float)((int32_t)bytes[i] - zero) * scale;
  }
}

static void range(size_t count, const float *x, float *low, float *high) {
  float least[32] = {0}, greatest[32] = {0};
  size_t i = 0;
  for (; i + 32 <= count; i += 32)
    for (size_t j = 0; j < 32; j++) {
      least[j] = x[i + j] < least[j] ? x[i + j] : least[j];
      greatest[j] = x[i + j] > greatest[j] ? x[i + j] : greatest[j];
    }
  for (; i < count; i++) {
    least[0] = x[i] < least[0] ? x[i] : least[0];
    greatest[0] = x[i] > greatest[0] ? x[i] : greatest[0];
  }
  for (size_t j = 1; j < 32; j++) {
    least[0] = least[j] < least[0] ? least[j] : least[0];
    greatest[0] = greatest[j] > greatest[0] ? greatest[j] : greatest[0];
  }
  *low = least[0];
  *high = greatest[0];
}

/* What combining two rows of bytes needs to know. Bytes of either type are uint8 here, flipped where they
 * are signed. The scales are over the output's: a product in place of a division for each element, so that
 * a result that lies between two bytes may become the other one. */
typedef struct q8_combination {
  uint8_t x_flip, y_flip, out_flip;
  int32_t x_zero, y_zero, zero;
  float x_scale, y_scale;
} q8_combination;

static q8_combination combination_of(const bf_affine *x, const bf_affine *y, const bf_affine *out) {
  q8_combination c = {.x_flip = x->type == BF_S8 ? 0x80 : 0, .y_flip = y->type == BF_S8 ? 0x80 : 0,
                      .out_flip = out->type == BF_S8 ? 0x80 : 0, .x_scale = x->scale / out->scale,
                      .y_scale = y->scale / out->scale};
  c.x_zero = x->zero_point + c.x_flip;
  c.y_zero = y->zero_point + c.y_flip;
  c.zero = out->zero_point + c.out_flip;
  return c;
}

Q8_INLINE uint8_t byte_of(float real, const q8_combination *c) {
  float low = (float)-c->zero, high = (float)(255 - c->zero);
  real = real < low ? low : real;
  real = real > high ? high : real;
  return (uint8_t)((int32_t)__builtin_rintf(real) + c->zero) ^ c->out_flip;
}

static void add(size_t count, const uint8_t *x, const uint8_t *y, const q8_combination *c, uint8_t *out) {
  const q8_result result = {.zero_point = c->zero, .low = 0, .high = 255, .flip = c->out_flip};
  const qf x_scale = qf_set(c->x_scale), y_scale = qf_set(c->y_scale);
  const qf zeros = qf_set(-(float)c->x_zero * c->x_scale - (float)c->y_zero * c->y_scale);
  const qf low = qf_set(INT16_MIN), high = qf_set(INT16_MAX);
  size_t i = 0;
  for (; i + 4 * L <= count; i += 4 * L) {
    qi q[4];
    BF_UNROLL_ALL
    for (int j = 0; j < 4; j++) {
      qf sum = qf_fma(qi_float(qi_widen(x + i + j * L, c->x_flip)), x_scale, zeros);
      sum = qf_fma(qi_float(qi_widen(y + i + j * L, c->y_flip)), y_scale, sum);
      q[j] = qf_round(qf_max(qf_min(sum, high), low));
    }
    qb_store(out + i, qb_in_order(qb_narrow(q[0], q[1], q[2], q[3], &result, false)), 4 * L);
  }
  for (; i < count; i++) {
    float a = (float)((x[i] ^ c->x_flip) - c->x_zero), b = (float)((y[i] ^ c->y_flip) - c->y_zero);
    out[i] = byte_of(a * c->x_scale + b * c->y_scale, c);
  }
}

static void multiply(size_t count, const uint8_t *x, const uint8_t *y, const q8_combination *c, float scale,
                     uint8_t *out) {
  for (size_t i = 0; i < count; i++)
    out[i] = byte_of((float)(((x[i] ^ c->x_flip) - c->x_zero) * ((y[i] ^ c->y_flip) - c->y_zero)) * scale, c);
}

static void binary(size_t count, int op, const void *x, const bf_affine *x_affine, const void *y,
                   const bf_affine *y_affine, const bf_affine *out_affine, void *out) {
  q8_combination c = combination_of(x_affine, y_affine, out_affine);
  if (op == 0)
    add(count, x, y, &c, out);
  else
    multiply(count, x, y, &c, c.x_scale * y_affine->scale, out);
}

static void add_bytes(size_t count, const uint8_t *restrict x, uint8_t flip, int32_t *restrict sums) {
  for (size_t i = 0; i < count; i++) sums[i] += x[i] ^ flip;
}

static void max_bytes(size_t count, const uint8_t *restrict x, uint8_t flip, uint8_t *restrict best) {
  for (size_t i = 0; i < count; i++) {
    uint8_t v = x[i] ^ flip;
    best[i] = v > best[i] ? v : best[i];
  }
}

static void scale_sums(size_t count, const int32_t *sums, float multiplier, float addend, const bf_affine *affine,
                       uint8_t *out) {
  uint8_t flip = affine->type == BF_S8 ? 0x80 : 0;
  int32_t zero = affine->zero_point + flip;
  float scale = affine->scale, low = (float)-zero, high = (float)(255 - zero);
  for (size_t i = 0; i < count; i++)
    out[i] = (uint8_t)(quantized((float)sums[i] * multiplier + addend, scale, low, high) + zero) ^ flip;
}

static void fix_sums(size_t count, const int32_t *sums, bf_fixed_scale scale, const bf_affine *affine, uint8_t *out) {
  uint8_t flip = affine->type == BF_S8 ? 0x80 : 0;
  const q8_result r = {.zero_point = affine->zero_point + flip, .low = 0, .high = 255, .flip = flip};
  if (scale.shift > 0) {
    for (size_t i = 0; i < count; i++)
      out[i] = q8_fixed_byte(q8_fixed(sums[i], scale.multiplier, scale.shift), r.zero_point, flip);
    return;
  }
  const qi multiplier = qi_set(scale.multiplier), right = qi_set(-scale.shift);
  for (size_t i = 0; i < count; i += 4 * L) {
    int32_t rest[4 * L] = {0};
    const int32_t *from = sums + i;
    size_t some = q8_min(count - i, 4 * L);
    if (some < 4 * L) from = memcpy(rest, from, some * sizeof *rest);
    qi q[4];
    BF_UNROLL_ALL
    for (int j = 0; j < 4; j++) q[j] = qi_fixed(qi_load(from + j * L), multiplier, right);
    qb_store(out + i, qb_in_order(qb_narrow(q[0], q[1], q[2], q[3], &r, false)), some);
  }
}
