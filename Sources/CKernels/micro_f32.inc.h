/* The float32 kernels of one instruction set, inside a region of target_begin.inc.h. The including file
 * defines F32_NAME, the table's name, and F32_ACTIVATE, its f32_activate_*. */
#include "vector_math.inc.h"

#define F32_PANEL (BF_REGISTERS == 32 ? 4 : 2)

/* What is_plain leaves to do: bias, activations of every kind, a residual, columns that are no whole vector. The
 * sums are rows of whole vectors without gaps, with a vector of room behind the last. */
static void finish(const f32_target *target, float *sums, size_t rows) {
  const f32_epilogue *e = target->epilogue;
  const bf_epilogue *f = &e->epilogue;
  const vf scale = v_splat(e->scale);
  const float *bias = target->bias, *residual = target->residual;
  const size_t columns = target->columns, width = (columns + VW - 1) / VW * VW;
  const ptrdiff_t c_stride = target->c_stride, residual_stride = target->residual_stride;
  float *c = target->c;
  if (bias || e->scale != 1)
    for (size_t j = 0; j < columns; j += VW) {
      vf shift = bias ? v_load_some(bias + j, f32_min(VW, columns - j)) : (vf){0};
      for (size_t r = 0; r < rows; r++) v_store(sums + r * width + j, v_load(sums + r * width + j) * scale + shift);
    }
  F32_ACTIVATE(f->activation, f->a, f->b, sums, rows * width);
  if (residual) {
    for (size_t r = 0; r < rows; r++, residual += residual_stride)
      for (size_t j = 0; j < columns; j += VW)
        v_store(sums + r * width + j,
                v_load(sums + r * width + j) + v_load_some(residual + j, f32_min(VW, columns - j)));
    F32_ACTIVATE(f->residual_activation, f->residual_a, f->residual_b, sums, rows * width);
  }
  for (size_t r = 0; r < rows; r++, c += c_stride) {
    size_t j = 0;
    for (; j + VW <= columns; j += VW) v_store(c + j, v_load(sums + r * width + j));
    if (j < columns) v_store_some(c + j, v_load(sums + r * width + j), columns - j);
  }
}

/* The bounds of an epilogue that is_plain, read once: what is stored in between may not change them. */
typedef struct bounds {
  vf scale, low, high, residual_low, residual_high;
} bounds;
BF_INLINE bounds v_bounds(const f32_epilogue *e) {
  return (bounds){v_splat(e->scale), v_splat(e->low), v_splat(e->high), v_splat(e->residual_low), v_splat(e->residual_high)};
}
BF_INLINE vf clamped(const bounds *e, vf x) { return v_min(v_max(x, e->low), e->high); }
/* Without a residual, 0 is added and the second bounds are infinite. */
BF_INLINE vf plain(const bounds *e, vf x, vf residual) {
  return v_min(v_max(clamped(e, x) + residual, e->residual_low), e->residual_high);
}

/* ---- Tiles ---------------------------------------------------------------------------------------- */

BF_INLINE void tile(const f32_tile *t, const int R, const int V) {
  vf sum[F32_MAX_ROWS][F32_MAX_VECTORS];
  const float *b = t->b;
  const ptrdiff_t b_stride = t->b_stride;
  BF_UNROLL_ALL for (int r = 0; r < R; r++)
    BF_UNROLL_ALL for (int v = 0; v < V; v++)
      sum[r][v] = (vf){0};
  if (!t->is_first) {
    BF_UNROLL_ALL for (int r = 0; r < R; r++)
      BF_UNROLL_ALL for (int v = 0; v < V; v++)
        sum[r][v] = v_load(t->partial + (r * V + v) * VW);
  }
  if (t->is_last) {
    /* Where the sums go, lest the stores wait. */
    const float *c = t->target.c, *residual = t->target.residual;
    BF_UNROLL_ALL for (int r = 0; r < R; r++) {
      BF_UNROLL_ALL for (int v = 0; v < V; v++) __builtin_prefetch(c + v * VW, 1);
      c += t->target.c_stride;
    }
    if (residual)
      BF_UNROLL_ALL for (int r = 0; r < R; r++) {
        BF_UNROLL_ALL for (int v = 0; v < V; v++) __builtin_prefetch(residual + v * VW);
        residual += t->target.residual_stride;
      }
  }
  const char *ahead = t->ahead;
  const ptrdiff_t ahead_step = t->ahead_step;
  for (size_t tap = 0; tap < t->taps; tap++) {
    const float *const *rows = t->rows + tap * t->row_step;
    const float *a[F32_MAX_ROWS];
    BF_UNROLL_ALL for (int r = 0; r < R; r++) a[r] = rows[r] + t->offset;
    BF_UNROLL(2) for (size_t i = 0; i < t->k; i++) {
      vf column[F32_MAX_VECTORS];
      BF_UNROLL_ALL for (int v = 0; v < V; v++) column[v] = v_load(b + v * VW);
      /* So few rows only stream b, which the processor foresees better. */
      if (R > 2) {
        __builtin_prefetch(ahead, 0, 2);
        ahead += ahead_step;
      }
      b += b_stride;
      BF_UNROLL_ALL for (int r = 0; r < R; r++) {
        vf x = v_splat(a[r][i]);
        BF_UNROLL_ALL for (int v = 0; v < V; v++) sum[r][v] += x * column[v];
      }
    }
  }
  const f32_target *target = &t->target;
  const f32_epilogue *e = target->epilogue;
  if (t->is_last && e->is_plain) {
    const size_t rest = target->columns - (size_t)((V - 1) * VW);
    vf bias[F32_MAX_VECTORS];
    BF_UNROLL_ALL for (int v = 0; v < V; v++) bias[v] = (vf){0};
    if (target->bias) {
      BF_UNROLL_ALL for (int v = 0; v < V - 1; v++) bias[v] = v_load(target->bias + v * VW);
      bias[V - 1] = v_load_some(target->bias + (V - 1) * VW, rest);
    }
    const bounds bound = v_bounds(e);
    const float *residual = target->residual;
    const ptrdiff_t c_stride = target->c_stride, residual_stride = target->residual_stride;
    float *c = target->c;
    if (rest < VW) {
      BF_UNROLL_ALL for (int r = 0; r < R; r++) {
        BF_UNROLL_ALL for (int v = 0; v < V - 1; v++)
          v_store(c + v * VW,
                  plain(&bound, sum[r][v] * bound.scale + bias[v], residual ? v_load(residual + v * VW) : (vf){0}));
        vf last = residual ? v_load_some(residual + (V - 1) * VW, rest) : (vf){0};
        v_store_some(c + (V - 1) * VW, plain(&bound, sum[r][V - 1] * bound.scale + bias[V - 1], last), rest);
        c += c_stride;
        if (residual) residual += residual_stride;
      }
    } else if (residual) {
      BF_UNROLL_ALL for (int r = 0; r < R; r++) {
        BF_UNROLL_ALL for (int v = 0; v < V; v++)
          v_store(c + v * VW, plain(&bound, sum[r][v] * bound.scale + bias[v], v_load(residual + v * VW)));
        c += c_stride;
        residual += residual_stride;
      }
    } else {
      BF_UNROLL_ALL for (int r = 0; r < R; r++) {
        BF_UNROLL_ALL for (int v = 0; v < V; v++)
          v_store(c + v * VW, clamped(&bound, sum[r][v] * bound.scale + bias[v]));
        c += c_stride;
      }
    }
    return;
  }
  BF_UNROLL_ALL for (int r = 0; r < R; r++)
    BF_UNROLL_ALL for (int v = 0; v < V; v++)
      v_store(t->partial + (r * V + v) * VW, sum[r][v]);
  if (t->is_last) finish(target, t->partial, (size_t)R);
}

#define F32_TILE(R, V) static void tile_##R##_##V(const f32_tile *t) { tile(t, R, V); }
#define F32_TILES_4(X, V) X(1, V) X(2, V) X(3, V) X(4, V)
#define F32_TILES_6(X, V) F32_TILES_4(X, V) X(5, V) X(6, V)
#define F32_TILES_8(X, V) F32_TILES_6(X, V) X(7, V) X(8, V)
#define F32_TILES_12(X, V) F32_TILES_8(X, V) X(9, V) X(10, V) X(11, V) X(12, V)
#define F32_ENTRY(R, V) tile_##R##_##V,

#if BF_REGISTERS == 32
F32_TILES_12(F32_TILE, 1)
F32_TILES_12(F32_TILE, 2)
F32_TILES_8(F32_TILE, 3)
F32_TILES_6(F32_TILE, 4)
static void (*const tiles[F32_MAX_VECTORS][F32_MAX_ROWS])(const f32_tile *) = {
    {F32_TILES_12(F32_ENTRY, 1)}, {F32_TILES_12(F32_ENTRY, 2)}, {F32_TILES_8(F32_ENTRY, 3)}, {F32_TILES_6(F32_ENTRY, 4)}};
#define F32_ROWS {12, 12, 8, 6}
#elif VW == 8
F32_TILES_12(F32_TILE, 1)
F32_TILES_6(F32_TILE, 2)
static void (*const tiles[F32_MAX_VECTORS][F32_MAX_ROWS])(const f32_tile *) = {{F32_TILES_12(F32_ENTRY, 1)},
                                                                               {F32_TILES_6(F32_ENTRY, 2)}};
#define F32_ROWS {12, 6}
#else
F32_TILES_8(F32_TILE, 1)
F32_TILES_4(F32_TILE, 2)
static void (*const tiles[F32_MAX_VECTORS][F32_MAX_ROWS])(const f32_tile *) = {{F32_TILES_8(F32_ENTRY, 1)},
                                                                               {F32_TILES_4(F32_ENTRY, 2)}};
#define F32_ROWS {8, 4}
#endif

/* ---- Packing, and products with rows that lie along k ---------------------------------------------- */

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

/* ---- Depthwise ------------------------------------------------------------------------------------- */

/* Blocks of channels overlap at the end, so that each is a whole vector. */
BF_INLINE size_t block_channel(size_t block, size_t channels) {
  return f32_min(block * VW, channels < VW ? 0 : channels - VW);
}
BF_INLINE void depthwise_store(const f32_depthwise *d, size_t channel, size_t line, const vf *sum,
                               const int columns) {
  const f32_target *t = &d->target[line];
  if (t->epilogue->is_plain && d->channels >= VW) {
    const vf bias = t->bias ? v_load(t->bias + channel) : (vf){0};
    const bounds bound = v_bounds(t->epilogue);
    const float *residual = t->residual ? t->residual + channel : NULL;
    const ptrdiff_t c_stride = t->c_stride, residual_stride = t->residual_stride;
    float *c = t->c + channel;
    BF_UNROLL_ALL for (int i = 0; i < columns; i++) {
      v_store(c, residual ? plain(&bound, sum[i] + bias, v_load(residual)) : clamped(&bound, sum[i] + bias));
      c += c_stride;
      if (residual) residual += residual_stride;
    }
    return;
  }
  f32_target part = *t;
  part.c += channel;
  if (part.bias) part.bias += channel;
  if (part.residual) part.residual += channel;
  part.columns = f32_min(VW, d->channels);
  float sums[(F32_DEPTHWISE_COLUMNS + 1) * VW];
  BF_UNROLL_ALL for (int i = 0; i < columns; i++) v_store(sums + i * VW, sum[i]);
  finish(&part, sums, (size_t)columns);
}

/* N neighbours in each of L lines, kernel K x K, stride S. With EDGE, columns may lie outside the input. */
BF_INLINE void depthwise_fixed(const f32_depthwise *d, const int K, const int S, const int N, const int L,
                               const bool EDGE) {
  const ptrdiff_t pitch = d->pixel_pitch, row_pitch = d->row_pitch;
  const size_t channels = d->channels;
  const float *const input = d->input;
  const int left = (int)d->first_column, right = (int)d->end_column;
  const int top = (int)d->first_row, bottom = (int)d->end_row;
  for (size_t block = d->first_block; block < d->end_block; block++) {
    const size_t channel = block_channel(block, channels);
    const float *w = d->weights + block * (size_t)(K * K * VW);
    vf sum[2][F32_DEPTHWISE_COLUMNS];
    BF_UNROLL_ALL for (int l = 0; l < L; l++)
      BF_UNROLL_ALL for (int i = 0; i < N; i++)
        sum[l][i] = (vf){0};
    BF_UNROLL_ALL for (int y = 0; y < (L - 1) * S + K; y++) {
      if (y < top || y >= bottom) continue;
      const float *p = input + (ptrdiff_t)channel + y * row_pitch;
      vf weight[2][5];
      BF_UNROLL_ALL for (int l = 0; l < L; l++)
        BF_UNROLL_ALL for (int i = 0; i < K; i++)
          if (y - l * S >= 0 && y - l * S < K) weight[l][i] = v_load(w + ((y - l * S) * K + i) * VW);
      BF_UNROLL_ALL for (int j = 0; j < (N - 1) * S + K; j++) {
        if (!EDGE || (j >= left && j < right)) {
          vf value = v_load(p);
          /* What the next lines read for the first time. */
          if (y >= K - S) __builtin_prefetch(p + L * S * row_pitch);
          BF_UNROLL_ALL for (int l = 0; l < L; l++)
            BF_UNROLL_ALL for (int i = 0; i < N; i++)
              if (y - l * S >= 0 && y - l * S < K && j - i * S >= 0 && j - i * S < K)
                sum[l][i] += value * weight[l][j - i * S];
        }
        p += pitch;
      }
    }
    BF_UNROLL_ALL for (int l = 0; l < L; l++) depthwise_store(d, channel, l, sum[l], N);
  }
}

/* Any kernel, stride and dilation; one line. */
static void depthwise_any(const f32_depthwise *d) {
  f32_depthwise one = *d;
  for (size_t block = d->first_block; block < d->end_block; block++) {
    size_t channel = block_channel(block, d->channels);
    const float *weights = d->weights + block * d->kernel_height * d->kernel_width * VW;
    one.target[0] = d->target[0];
    for (size_t i = 0; i < d->columns; i++) {
      vf sum = {0};
      for (size_t ky = d->first_row; ky < d->end_row; ky++)
        for (size_t kx = 0; kx < d->kernel_width; kx++) {
          size_t column = i * d->stride + kx * d->dilation;
          if (column < d->first_column || column >= d->end_column) continue;
          const float *p = d->input + (ptrdiff_t)ky * d->row_pitch + (ptrdiff_t)column * d->pixel_pitch + channel;
          sum += (d->channels >= VW ? v_load(p) : v_load_some(p, d->channels)) *
                 v_load(weights + (ky * d->kernel_width + kx) * VW);
        }
      depthwise_store(&one, channel, 0, &sum, 1);
      one.target[0].c += one.target[0].c_stride;
      if (one.target[0].residual) one.target[0].residual += one.target[0].residual_stride;
    }
  }
}

#define F32_DEPTHWISE(K, S, L)                                                                               \
  static void depthwise_##K##_##S##_##L(const f32_depthwise *d) {                                            \
    switch (d->columns) {                                                                                    \
    case 1: depthwise_fixed(d, K, S, 1, L, true); break;                                                     \
    case 2: depthwise_fixed(d, K, S, 2, L, true); break;                                                     \
    case 4: depthwise_fixed(d, K, S, 4, L, true); break;                                                     \
    default:                                                                                                 \
      if (d->first_column == 0 && d->end_column == 6 * S + K) depthwise_fixed(d, K, S, 7, L, false);         \
      else depthwise_fixed(d, K, S, 7, L, true);                                                             \
    }                                                                                                        \
  }
F32_DEPTHWISE(3, 1, 1)
F32_DEPTHWISE(3, 2, 1)
F32_DEPTHWISE(5, 1, 1)
F32_DEPTHWISE(5, 2, 1)
#if BF_REGISTERS == 32
F32_DEPTHWISE(3, 1, 2)
F32_DEPTHWISE(3, 2, 2)
F32_DEPTHWISE(5, 1, 2)
F32_DEPTHWISE(5, 2, 2)
#endif
static void depthwise(const f32_depthwise *d) {
  if (!d->is_fixed) {
    depthwise_any(d);
    return;
  }
  int kind = (d->kernel_width == 5 ? 2 : 0) + (d->stride == 2);
#if BF_REGISTERS == 32
  if (d->lines == 2) kind += 4;
#endif
  switch (kind) {
  case 0: depthwise_3_1_1(d); break;
  case 1: depthwise_3_2_1(d); break;
  case 2: depthwise_5_1_1(d); break;
  case 3: depthwise_5_2_1(d); break;
#if BF_REGISTERS == 32
  case 4: depthwise_3_1_2(d); break;
  case 5: depthwise_3_2_2(d); break;
  case 6: depthwise_5_1_2(d); break;
  case 7: depthwise_5_2_2(d); break;
#endif
  }
}

/* ---- Winograd F(4x4, 3x3), points 0, 1, -1, 2, -2 (Lavin and Gray, arXiv:1509.09308) ----------------- */

BF_INLINE void spread_line(const vf x[6], vf y[6]) {
  vf even = x[4] - 4.0f * x[2], odd = x[3] - 4.0f * x[1];
  vf even2 = x[4] - x[2], odd2 = 2.0f * (x[3] - x[1]);
  y[0] = 4.0f * x[0] - 5.0f * x[2] + x[4];
  y[1] = even + odd;
  y[2] = even - odd;
  y[3] = even2 + odd2;
  y[4] = even2 - odd2;
  y[5] = 4.0f * x[1] - 5.0f * x[3] + x[5];
}
static void winograd_input(const f32_winograd *w) {
  for (size_t block = 0; block * VW < w->channels; block++) {
    size_t channel = block_channel(block, w->channels);
    vf half[6][6]; /* [column][row] */
    for (int j = 0; j < 6; j++) {
      vf x[6];
      BF_UNROLL_ALL for (int i = 0; i < 6; i++) {
        x[i] = (vf){0};
        if ((size_t)i >= w->first_row && (size_t)i < w->end_row && (size_t)j >= w->first_column &&
            (size_t)j < w->end_column)
          x[i] = v_load(w->input + i * w->row_pitch + j * w->pixel_pitch + (ptrdiff_t)channel);
      }
      spread_line(x, half[j]);
    }
    float *out = w->spread + channel;
    for (int i = 0; i < 6; i++) {
      vf x[6], y[6];
      BF_UNROLL_ALL for (int j = 0; j < 6; j++) x[j] = half[j][i];
      spread_line(x, y);
      BF_UNROLL_ALL for (int j = 0; j < 6; j++) v_store(out + (i * 6 + j) * w->spread_pitch, y[j]);
    }
  }
}

BF_INLINE void gather_line(const vf x[6], vf y[4]) {
  vf sum = x[1] + x[2], difference = x[1] - x[2], sum2 = x[3] + x[4], difference2 = x[3] - x[4];
  y[0] = x[0] + sum + sum2;
  y[1] = difference + 2.0f * difference2;
  y[2] = sum + 4.0f * sum2;
  y[3] = difference + 8.0f * difference2 + x[5];
}
static void winograd_output(const f32_winograd *w) {
  for (size_t block = 0; block * VW < w->channels; block++) {
    size_t channel = block_channel(block, w->channels);
    vf half[6][4]; /* [column][row] */
    const float *in = w->spread + channel;
    for (int j = 0; j < 6; j++) {
      vf x[6];
      BF_UNROLL_ALL for (int i = 0; i < 6; i++) x[i] = v_load(in + (i * 6 + j) * w->spread_pitch);
      gather_line(x, half[j]);
    }
    f32_target t = w->target;
    t.c += channel;
    t.columns = VW;
    if (t.bias) t.bias += channel;
    if (t.residual) t.residual += channel;
    const vf bias = t.bias ? v_load(t.bias) : (vf){0};
    const bounds bound = v_bounds(t.epilogue);
    const bool is_plain = t.epilogue->is_plain;
    for (size_t i = 0; i < w->rows; i++) {
      vf x[6], y[4];
      BF_UNROLL_ALL for (int j = 0; j < 6; j++) x[j] = half[j][i];
      gather_line(x, y);
      if (is_plain) {
        BF_UNROLL_ALL for (int j = 0; j < 4; j++)
          if ((size_t)j < w->columns)
            v_store(t.c + j * t.c_stride,
                    t.residual ? plain(&bound, y[j] + bias, v_load(t.residual + j * t.residual_stride))
                               : clamped(&bound, y[j] + bias));
      } else {
        float sums[5 * VW];
        BF_UNROLL_ALL for (int j = 0; j < 4; j++) v_store(sums + j * VW, y[j]);
        finish(&t, sums, w->columns);
      }
      t.c += w->out_row_pitch;
      if (t.residual) t.residual += w->residual_row_pitch;
    }
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

const f32_kernels F32_NAME = {
    .vector = VW,
    .panel = F32_PANEL,
    .max_rows = F32_ROWS,
    .tile = tiles,
    .depthwise = depthwise,
    .depthwise_lines = BF_REGISTERS == 32 ? 2 : 1,
    .winograd_input = winograd_input,
    .winograd_output = winograd_output,
    .pack = pack,
    .interleave = interleave,
    .dot = dot,
};
