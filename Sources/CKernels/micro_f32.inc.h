/* The float32 kernels of one instruction set, inside a region of target_begin.inc.h. The including file
 * defines F32_NAME, the table's name. */
#include "vector_math.inc.h"

#define F32_PANEL (BF_REGISTERS == 32 ? 4 : 2)

/* What is_plain leaves to do: bias, activations of every kind, columns that are no whole vector. */
static void finish(const f32_target *target, const float *sums, size_t sums_stride, size_t rows) {
  const f32_epilogue *e = target->epilogue;
  const bf_epilogue *f = &e->epilogue;
  for (size_t r = 0; r < rows; r++) {
    const float *residual = target->residual ? target->residual + (ptrdiff_t)r * target->residual_stride : NULL;
    float *c = target->c + (ptrdiff_t)r * target->c_stride;
    for (size_t j = 0; j < target->columns; j += VW) {
      size_t count = target->columns - j;
      vf x = v_load(sums + r * sums_stride + j) * e->scale;
      if (count >= VW) {
        if (target->bias) x += v_load(target->bias + j);
        x = v_activate(f->activation, v_splat(f->a), v_splat(f->b), x);
        if (residual)
          x = v_activate(f->residual_activation, v_splat(f->residual_a), v_splat(f->residual_b),
                         x + v_load(residual + j));
        v_store(c + j, x);
      } else {
        if (target->bias) x += v_load_some(target->bias + j, count);
        x = v_activate(f->activation, v_splat(f->a), v_splat(f->b), x);
        if (residual)
          x = v_activate(f->residual_activation, v_splat(f->residual_a), v_splat(f->residual_b),
                         x + v_load_some(residual + j, count));
        v_store_some(c + j, x, count);
      }
    }
  }
}

BF_INLINE vf plain(const f32_epilogue *e, vf x, const float *residual) {
  x = v_min(v_max(x, v_splat(e->low)), v_splat(e->high));
  if (residual) x = v_min(v_max(x + v_load(residual), v_splat(e->residual_low)), v_splat(e->residual_high));
  return x;
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
  for (size_t tap = 0; tap < t->taps; tap++) {
    const float *const *rows = t->rows + tap * t->row_step;
    const float *a[F32_MAX_ROWS];
    BF_UNROLL_ALL for (int r = 0; r < R; r++) a[r] = rows[r] + t->offset;
    BF_UNROLL(2) for (size_t i = 0; i < t->k; i++) {
      vf column[F32_MAX_VECTORS];
      BF_UNROLL_ALL for (int v = 0; v < V; v++) column[v] = v_load(b + v * VW);
      b += b_stride;
      BF_UNROLL_ALL for (int r = 0; r < R; r++) {
        vf x = v_splat(a[r][i]);
        BF_UNROLL_ALL for (int v = 0; v < V; v++) sum[r][v] += x * column[v];
      }
    }
  }
  const f32_target *target = &t->target;
  const f32_epilogue *e = target->epilogue;
  if (t->is_last && e->is_plain && target->columns == (size_t)(V * VW)) {
    vf bias[F32_MAX_VECTORS];
    BF_UNROLL_ALL for (int v = 0; v < V; v++) bias[v] = target->bias ? v_load(target->bias + v * VW) : (vf){0};
    const float *residual = target->residual;
    float *c = target->c;
    BF_UNROLL_ALL for (int r = 0; r < R; r++) {
      BF_UNROLL_ALL for (int v = 0; v < V; v++)
        v_store(c + v * VW, plain(e, sum[r][v] * e->scale + bias[v], residual ? residual + v * VW : NULL));
      c += target->c_stride;
      if (residual) residual += target->residual_stride;
    }
    return;
  }
  BF_UNROLL_ALL for (int r = 0; r < R; r++)
    BF_UNROLL_ALL for (int v = 0; v < V; v++)
      v_store(t->partial + (r * V + v) * VW, sum[r][v]);
  if (t->is_last) finish(target, t->partial, (size_t)(V * VW), (size_t)R);
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
  for (size_t i0 = 0; i0 < k; i0 += 16) {
    size_t i1 = i0 + 16 < k ? i0 + 16 : k;
    for (size_t j = 0; j < width; j++) {
      const float *column = b + (ptrdiff_t)j * column_stride;
      if (j < columns)
        for (size_t i = i0; i < i1; i++) packed[i * width + j] = column[(ptrdiff_t)i * row_stride];
      else
        for (size_t i = i0; i < i1; i++) packed[i * width + j] = 0;
    }
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
    float sums[VW] = {0};
    size_t count = f32_min(VW, target->columns - j), n = 0;
    for (; n + 4 <= count; n += 4) dots(a, b + (ptrdiff_t)(j + n) * b_stride, b_stride, k, sums + n, 4);
    for (; n < count; n++) dots(a, b + (ptrdiff_t)(j + n) * b_stride, b_stride, k, sums + n, 1);
    rest.columns = count;
    finish(&rest, sums, VW, 1);
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
    vf bias = t->bias ? v_load(t->bias + channel) : (vf){0};
    BF_UNROLL_ALL for (int i = 0; i < columns; i++) {
      const float *residual = t->residual ? t->residual + i * t->residual_stride + (ptrdiff_t)channel : NULL;
      v_store(t->c + i * t->c_stride + channel, plain(t->epilogue, sum[i] * t->epilogue->scale + bias, residual));
    }
    return;
  }
  f32_target part = *t;
  part.c += channel;
  if (part.bias) part.bias += channel;
  if (part.residual) part.residual += channel;
  part.columns = f32_min(VW, d->channels);
  float sums[F32_DEPTHWISE_COLUMNS * VW];
  BF_UNROLL_ALL for (int i = 0; i < columns; i++) v_store(sums + i * VW, sum[i]);
  finish(&part, sums, VW, (size_t)columns);
}

/* N neighbours in each of L lines, kernel K x K, stride S. With EDGE, columns may lie outside the input. */
BF_INLINE void depthwise_fixed(const f32_depthwise *d, const int K, const int S, const int N, const int L,
                               const bool EDGE) {
  const ptrdiff_t pitch = d->pixel_pitch;
  const int left = (int)d->first_column, right = (int)d->end_column;
  const int top = (int)d->first_row, bottom = (int)d->end_row;
  for (size_t block = d->first_block; block < d->end_block; block++) {
    size_t channel = block_channel(block, d->channels);
    const float *w = d->weights + block * (size_t)(K * K * VW);
    vf sum[2][F32_DEPTHWISE_COLUMNS];
    BF_UNROLL_ALL for (int l = 0; l < L; l++)
      BF_UNROLL_ALL for (int i = 0; i < N; i++)
        sum[l][i] = (vf){0};
    BF_UNROLL_ALL for (int y = 0; y < (L - 1) * S + K; y++) {
      if (y < top || y >= bottom) continue;
      const float *p = d->input + (ptrdiff_t)channel + y * d->row_pitch;
      vf weight[2][5];
      BF_UNROLL_ALL for (int l = 0; l < L; l++)
        BF_UNROLL_ALL for (int i = 0; i < K; i++)
          if (y - l * S >= 0 && y - l * S < K) weight[l][i] = v_load(w + ((y - l * S) * K + i) * VW);
      BF_UNROLL_ALL for (int j = 0; j < (N - 1) * S + K; j++) {
        if (!EDGE || (j >= left && j < right)) {
          vf value = v_load(p);
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
    vf bias = t.bias ? v_load(t.bias) : (vf){0};
    for (size_t i = 0; i < w->rows; i++) {
      vf x[6], y[4];
      BF_UNROLL_ALL for (int j = 0; j < 6; j++) x[j] = half[j][i];
      gather_line(x, y);
      if (t.epilogue->is_plain) {
        BF_UNROLL_ALL for (int j = 0; j < 4; j++)
          if ((size_t)j < w->columns)
            v_store(t.c + j * t.c_stride,
                    plain(t.epilogue, y[j] + bias, t.residual ? t.residual + j * t.residual_stride : NULL));
      } else {
        float sums[4 * VW];
        BF_UNROLL_ALL for (int j = 0; j < 4; j++) v_store(sums + j * VW, y[j]);
        finish(&t, sums, VW, w->columns);
      }
      t.c += w->out_row_pitch;
      if (t.residual) t.residual += w->residual_row_pitch;
    }
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
    .dot = dot,
};
