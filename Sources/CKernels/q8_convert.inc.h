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

/* Bytes of either type as uint8, flipped where they are signed. */
Q8_INLINE void binary_of(size_t count, const int op, const uint8_t *x, const bf_affine *x_affine, const uint8_t *y,
                         const bf_affine *y_affine, const bf_affine *out_affine, uint8_t *out) {
  uint8_t x_flip = x_affine->type == BF_S8 ? 0x80 : 0, y_flip = y_affine->type == BF_S8 ? 0x80 : 0;
  uint8_t out_flip = out_affine->type == BF_S8 ? 0x80 : 0;
  int32_t x_zero = x_affine->zero_point + x_flip, y_zero = y_affine->zero_point + y_flip;
  int32_t zero = out_affine->zero_point + out_flip;
  float x_scale = x_affine->scale, y_scale = y_affine->scale, scale = out_affine->scale;
  float low = (float)-zero, high = (float)(255 - zero);
  for (size_t i = 0; i < count; i++) {
    float a = (float)((int32_t)(x[i] ^ x_flip) - x_zero) * x_scale;
    float b = (float)((int32_t)(y[i] ^ y_flip) - y_zero) * y_scale;
    float real = op == 0 ? a + b : a * b;
    out[i] = (uint8_t)(quantized(real, scale, low, high) + zero) ^ out_flip;
  }
}

static void binary(size_t count, int op, const void *x, const bf_affine *x_affine, const void *y,
                   const bf_affine *y_affine, const bf_affine *out_affine, void *out) {
  if (op == 0)
    binary_of(count, 0, x, x_affine, y, y_affine, out_affine, out);
  else
    binary_of(count, 1, x, x_affine, y, y_affine, out_affine, out);
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
