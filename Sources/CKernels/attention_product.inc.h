/* c = a b, or c += a b, with b and c in rows of whole vectors and a read one element at a time. */

enum { TILE_ROWS = 6, TILE_VECTORS = BF_REGISTERS == 32 ? 4 : 2 };

BF_INLINE void product_tile(int rows, int vectors, bool adds, size_t k, const float *a, ptrdiff_t a_row,
                            const float *b, ptrdiff_t b_row, float *c, ptrdiff_t c_row) {
  vf sum[TILE_ROWS][4];
  BF_UNROLL_ALL
  for (int i = 0; i < rows; i++)
    BF_UNROLL_ALL
    for (int j = 0; j < vectors; j++) sum[i][j] = adds ? v_load(c + i * c_row + j * VW) : (vf){0};
  for (size_t p = 0; p < k; p++) {
    vf right[4];
    BF_UNROLL_ALL
    for (int j = 0; j < vectors; j++) right[j] = v_load(b + j * VW);
    BF_UNROLL_ALL
    for (int i = 0; i < rows; i++) {
      float left = a[i * a_row];
      BF_UNROLL_ALL
      for (int j = 0; j < vectors; j++) sum[i][j] += left * right[j];
    }
    a++;
    b += b_row;
  }
  BF_UNROLL_ALL
  for (int i = 0; i < rows; i++)
    BF_UNROLL_ALL
    for (int j = 0; j < vectors; j++) v_store(c + i * c_row + j * VW, sum[i][j]);
}

#define PRODUCT_ROWS(rows, vectors)                                                                          \
  case rows: product_tile(rows, vectors, adds, k, a + at * a_row, a_row, b, b_row, c + at * c_row, c_row); break

#define PRODUCT_COLUMNS(vectors)                                                                             \
  static void product_columns_##vectors(size_t m, bool adds, size_t k, const float *a, ptrdiff_t a_row,      \
                                        const float *b, ptrdiff_t b_row, float *c, ptrdiff_t c_row) {        \
    ptrdiff_t at = 0, rows = (ptrdiff_t)m;                                                                   \
    for (; at + TILE_ROWS <= rows; at += TILE_ROWS)                                                          \
      switch (TILE_ROWS) { PRODUCT_ROWS(6, vectors); }                                                       \
    switch (rows - at) {                                                                                     \
      PRODUCT_ROWS(5, vectors);                                                                              \
      PRODUCT_ROWS(4, vectors);                                                                              \
      PRODUCT_ROWS(3, vectors);                                                                              \
      PRODUCT_ROWS(2, vectors);                                                                              \
      PRODUCT_ROWS(1, vectors);                                                                              \
    }                                                                                                        \
  }
PRODUCT_COLUMNS(1)
PRODUCT_COLUMNS(2)
#if BF_REGISTERS == 32
PRODUCT_COLUMNS(3)
PRODUCT_COLUMNS(4)
#endif

/* n is a multiple of VW. */
static void product(size_t m, size_t n, bool adds, size_t k, const float *a, ptrdiff_t a_row, const float *b,
                    ptrdiff_t b_row, float *c, ptrdiff_t c_row) {
  for (size_t j = 0; j < n;) {
    size_t vectors = (n - j) / VW;
    if (vectors >= TILE_VECTORS) vectors = TILE_VECTORS;
    switch (vectors) {
#if BF_REGISTERS == 32
    case 4: product_columns_4(m, adds, k, a, a_row, b + j, b_row, c + j, c_row); break;
    case 3: product_columns_3(m, adds, k, a, a_row, b + j, b_row, c + j, c_row); break;
#endif
    case 2: product_columns_2(m, adds, k, a, a_row, b + j, b_row, c + j, c_row); break;
    default: product_columns_1(m, adds, k, a, a_row, b + j, b_row, c + j, c_row); break;
    }
    j += vectors * VW;
  }
}

/* ---- Few rows: dot products with keys as they lie --------------------------------------------------- */

typedef float v4 __attribute__((vector_size(16)));
typedef float v4_any __attribute__((vector_size(16), aligned(4), may_alias));

BF_INLINE v4 fold_to_4(vf x) {
#if VW == 16
  typedef float v8 __attribute__((vector_size(32)));
  v8 half = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) +
            __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
  return __builtin_shufflevector(half, half, 0, 1, 2, 3) + __builtin_shufflevector(half, half, 4, 5, 6, 7);
#elif VW == 8
  return __builtin_shufflevector(x, x, 0, 1, 2, 3) + __builtin_shufflevector(x, x, 4, 5, 6, 7);
#else
  return x;
#endif
}

/* The sums of four vectors. */
BF_INLINE v4 sums_of_4(const vf *x) {
  v4 a = fold_to_4(x[0]), b = fold_to_4(x[1]), c = fold_to_4(x[2]), d = fold_to_4(x[3]);
  v4 ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
  v4 cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
  return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

BF_INLINE void dots(int rows, size_t keys, size_t size, const float *query, ptrdiff_t query_row,
                    const float *key, ptrdiff_t key_row, float *scores, ptrdiff_t scores_row) {
  for (size_t r = 0; r < keys; r += 4) {
    /* The last keys are repeated, and their scores written where nobody looks: rows are padded. */
    const float *k[4];
    for (size_t j = 0; j < 4; j++) k[j] = key + (ptrdiff_t)(r + j < keys ? r + j : keys - 1) * key_row;
    vf sum[BF_ATTENTION_DOT_ROWS][4] = {{{0}}};
    size_t whole = size / VW * VW;
    /* One key after the other: memory is read in its order. */
    BF_UNROLL_ALL
    for (int j = 0; j < 4; j++)
      for (size_t i = 0; i < whole; i += VW) {
        vf right = v_load(k[j] + i);
        BF_UNROLL_ALL
        for (int q = 0; q < rows; q++) sum[q][j] += v_load(query + q * query_row + i) * right;
      }
    if (whole < size)
      BF_UNROLL_ALL
      for (int j = 0; j < 4; j++) {
        vf right = v_load_part(k[j] + whole, size - whole);
        BF_UNROLL_ALL
        for (int q = 0; q < rows; q++)
          sum[q][j] += v_load_part(query + q * query_row + whole, size - whole) * right;
      }
    BF_UNROLL_ALL
    for (int q = 0; q < rows; q++) *(v4_any *)(scores + q * scores_row + (ptrdiff_t)r) = sums_of_4(sum[q]);
  }
}

static void dot_scores(size_t rows, size_t keys, size_t size, const float *query, ptrdiff_t query_row,
                       const float *key, ptrdiff_t key_row, float *scores, ptrdiff_t scores_row) {
  switch (rows) {
  case 1: dots(1, keys, size, query, query_row, key, key_row, scores, scores_row); break;
  case 2: dots(2, keys, size, query, query_row, key, key_row, scores, scores_row); break;
  case 3: dots(3, keys, size, query, query_row, key, key_row, scores, scores_row); break;
  default: dots(4, keys, size, query, query_row, key, key_row, scores, scores_row); break;
  }
}
