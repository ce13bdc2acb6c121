/* Tiles of products: rows of pointers by vectors of packed columns, part of micro_f32.inc.h. */

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
