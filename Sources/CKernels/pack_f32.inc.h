/* Packing, and products with rows that lie along k, part of micro_f32.inc.h. */

typedef float v4 __attribute__((vector_size(16)));
typedef float v4_unaligned __attribute__((vector_size(16), aligned(4), may_alias));
/* 4 x 4: to[i][j] = from[j][i]. */
BF_INLINE void transpose(const float *from, ptrdiff_t from_stride, float *to, size_t to_stride) {
  v4 a = *(const v4_unaligned *)from, b = *(const v4_unaligned *)(from + from_stride);
  v4 c = *(const v4_unaligned *)(from + 2 * from_stride), d = *(const v4_unaligned *)(from + 3 * from_stride);
  v4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  v4 ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7), cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *(v4_unaligned *)to = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
  *(v4_unaligned *)(to + to_stride) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  *(v4_unaligned *)(to + 2 * to_stride) = __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5);
  *(v4_unaligned *)(to + 3 * to_stride) = __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7);
}
static void pack(const float *b, ptrdiff_t row_stride, ptrdiff_t column_stride, size_t k, size_t columns,
                 size_t width, float *packed) {
  if (column_stride == 1) {
    for (size_t i = 0; i < k; i++) {
      const float *row = b + (ptrdiff_t)i * row_stride;
      size_t j = 0;
      for (; j + VW <= columns; j += VW) v_store(packed + i * width + j, v_load(row + j));
      if (j < width) v_store(packed + i * width + j, v_load_some(row + j, columns - j));
    }
    return;
  }
  size_t i = 0;
  if (row_stride == 1)
    for (; i + 4 <= k; i += 4) {
      size_t j = 0;
      for (; j + 4 <= columns; j += 4) transpose(b + i + (ptrdiff_t)j * column_stride, column_stride, packed + i * width + j, width);
      for (; j < width; j++)
        for (size_t l = i; l < i + 4; l++)
          packed[l * width + j] = j < columns ? b[(ptrdiff_t)j * column_stride + (ptrdiff_t)l] : 0;
    }
  for (; i < k; i += 16) {
    size_t end = f32_min(i + 16, k);
    for (size_t j = 0; j < width; j++)
      for (size_t l = i; l < end; l++)
        packed[l * width + j] = j < columns ? b[(ptrdiff_t)j * column_stride + (ptrdiff_t)l * row_stride] : 0;
  }
}

BF_INLINE float v_total(vf x) {
  float total = 0;
  for (int i = 0; i < VW; i++) total += x[i];
  return total;
}
BF_INLINE void dots(const float *a, const float *b, ptrdiff_t b_stride, size_t k, float *sums, const int N) {
  vf sum[4];
  BF_UNROLL_ALL for (int n = 0; n < N; n++) sum[n] = (vf){0};
  size_t i = 0;
  for (; i + VW <= k; i += VW) {
    vf x = v_load(a + i);
    BF_UNROLL_ALL for (int n = 0; n < N; n++) sum[n] += x * v_load(b + n * b_stride + i);
  }
  if (i < k) {
    vf x = v_load_some(a + i, k - i);
    BF_UNROLL_ALL for (int n = 0; n < N; n++) sum[n] += x * v_load_some(b + n * b_stride + i, k - i);
  }
  BF_UNROLL_ALL for (int n = 0; n < N; n++) sums[n] = v_total(sum[n]);
}
static void dot(const float *a, const float *b, ptrdiff_t b_stride, size_t k, const f32_target *target) {
  f32_target rest = *target;
  for (size_t j = 0; j < target->columns; j += VW) {
    float sums[2 * VW] = {0};
    size_t count = f32_min(VW, target->columns - j), n = 0;
    for (; n + 4 <= count; n += 4) dots(a, b + (ptrdiff_t)(j + n) * b_stride, b_stride, k, sums + n, 4);
    for (; n < count; n++) dots(a, b + (ptrdiff_t)(j + n) * b_stride, b_stride, k, sums + n, 1);
    rest.columns = count;
    finish(&rest, sums, 1);
    rest.c += VW;
    if (rest.bias) rest.bias += VW;
    if (rest.residual) rest.residual += VW;
  }
}

/* Planes to neighbours. */
BF_INLINE void interleave_some(const float *from, size_t plane, const size_t channels, size_t count, float *restrict to) {
  for (size_t i = 0; i < count; i++)
    for (size_t c = 0; c < channels; c++) to[i * channels + c] = from[c * plane + i];
}
static void interleave(const float *from, size_t plane, size_t channels, size_t count, float *to) {
  switch (channels) {
  case 2: interleave_some(from, plane, 2, count, to); break;
  case 3: interleave_some(from, plane, 3, count, to); break;
  case 4: interleave_some(from, plane, 4, count, to); break;
  default: interleave_some(from, plane, channels, count, to);
  }
}
