/* Tiles of MR rows and up to NV vectors of columns. */

Q8_INLINE uint32_t tail_bytes(const uint8_t *p, size_t count) {
  uint32_t v = p[0];
  if (count > 1) v |= (uint32_t)p[1] << 8;
  if (count > 2) v |= (uint32_t)p[2] << 16;
  return v;
}

Q8_INLINE void put_bytes(const q8_panel *p, size_t first, size_t count, qa (*sums)[NV], const int rows,
                         const int vectors, const bool has_residual, const bool is_plain) {
  const q8_result *r = p->result;
  const bf_sum_epilogue *e = r->epilogue;
  uint8_t *out = (uint8_t *)r->output + (ptrdiff_t)first * r->stride + (ptrdiff_t)p->first_column;
  const uint8_t *residual = NULL;
  if (has_residual)
    residual = (const uint8_t *)e->residual + (ptrdiff_t)first * e->residual_stride + (ptrdiff_t)p->first_column;
  qf multiplier[NV], bias[NV];
  BF_UNROLL_ALL
  for (int j = 0; j < vectors; j++) {
    multiplier[j] = qf_load(p->columns.multiplier + j * L);
    bias[j] = qf_load(p->columns.real_bias + j * L);
  }
  BF_UNROLL_ALL
  for (int i = 0; i < rows; i++) {
    if ((size_t)i >= count) break;
    qi v[NV];
    BF_UNROLL_ALL
    for (int j = 0; j < vectors; j++) v[j] = qa_sum(sums[i][j]);
    const uint8_t *addends = has_residual ? residual + i * e->residual_stride : NULL;
    uint8_t part[4 * L];
    if (has_residual && p->column_count != (size_t)(vectors * L)) {
      qb_store(part, qb_load_part(addends, p->column_count), 4 * L);
      addends = part;
    }
    qb bytes = requantized(r, multiplier, bias, v, vectors, addends, is_plain);
    qb_store(out + i * r->stride, qb_in_order(bytes), p->column_count);
  }
}

/* Factors of one vector of columns at a time: those of all would take the registers of the sums. */
Q8_INLINE void put_fixed(const q8_panel *p, size_t first, size_t count, qa (*sums)[NV], const int rows,
                         const int vectors) {
  const q8_result *r = p->result;
  qi q[MR][4];
  BF_UNROLL_ALL
  for (int j = 0; j < 4; j++) {
    if (j >= vectors) {
      BF_UNROLL_ALL
      for (int i = 0; i < rows; i++) q[i][j] = q[i][vectors == 2 ? j - 2 : vectors - 1];
      continue;
    }
    const qi multiplier = qi_load(p->columns.fixed_multiplier + j * L), right = qi_load(p->columns.fixed_right + j * L);
    BF_UNROLL_ALL
    for (int i = 0; i < rows; i++) q[i][j] = qi_fixed(qa_sum(sums[i][j]), multiplier, right);
  }
  uint8_t *out = (uint8_t *)r->output + (ptrdiff_t)first * r->stride + (ptrdiff_t)p->first_column;
  BF_UNROLL_ALL
  for (int i = 0; i < rows; i++) {
    if ((size_t)i >= count) break;
    qb bytes = qb_narrow(q[i][0], q[i][1], q[i][2], q[i][3], r, false);
    qb_store(out + i * r->stride, qb_in_order(bytes), p->column_count);
  }
}

Q8_INLINE void put_tile(const q8_panel *p, size_t row, size_t count, qa (*sums)[NV], const int rows,
                        const int vectors) {
  const q8_result *r = p->result;
  size_t first = p->first_row + row;
  if (r->form == Q8_BYTE && r->is_plain) {
    put_bytes(p, first, count, sums, rows, vectors, false, true);
  } else if (r->form == Q8_BYTE) {
    put_bytes(p, first, count, sums, rows, vectors, false, false);
  } else if (r->form == Q8_BYTE_RESIDUAL && r->is_plain) {
    put_bytes(p, first, count, sums, rows, vectors, true, true);
  } else if (r->form == Q8_BYTE_RESIDUAL) {
    put_bytes(p, first, count, sums, rows, vectors, true, false);
  } else if (r->form == Q8_BYTE_FIXED) {
    put_fixed(p, first, count, sums, rows, vectors);
  } else {
    int32_t tile[MR][NV * L];
    BF_UNROLL_ALL
    for (int i = 0; i < rows; i++) {
      BF_UNROLL_ALL
      for (int j = 0; j < vectors; j++) qi_store(tile[i] + j * L, qa_sum(sums[i][j]));
    }
    for (size_t i = 0; i < count; i++) finish_row(r, first + i, p->first_column, p->column_count, tile[i]);
  }
}

Q8_INLINE void run_tile(const q8_panel *p, size_t row, size_t count, const uint8_t *const *rows,
                        const int tile_rows, const int vectors) {
  qa sums[MR][NV];
  if (p->columns.weight_zero == NULL) {
    BF_UNROLL_ALL
    for (int j = 0; j < vectors; j++)
      BF_UNROLL_ALL
      for (int i = 0; i < tile_rows; i++) sums[i][j] = qa_start(qi_load(p->columns.offset + j * L));
  } else {
    BF_UNROLL_ALL
    for (int i = 0; i < tile_rows; i++) {
      qi row_sum = qi_set((size_t)i < count ? p->row_sums[row + i] : 0);
      BF_UNROLL_ALL
      for (int j = 0; j < vectors; j++)
        sums[i][j] = qa_start(qi_sub_mul(qi_load(p->columns.offset + j * L),
                                         qi_load(p->columns.weight_zero + j * L), row_sum));
    }
  }
  const qb flip = qb_set(p->flip);
  const int8_t *w = p->weights;
  for (size_t tap = 0; tap < p->taps; tap++, rows += MR) {
    const uint8_t *a[MR];
    BF_UNROLL_ALL
    for (int i = 0; i < tile_rows; i++) a[i] = rows[i] + p->input_offset;
    for (size_t g = 0; g < p->groups; g++, w += 4 * L * vectors) {
      qs b[NV];
      BF_UNROLL_ALL
      for (int j = 0; j < vectors; j++) b[j] = qs_from(qb_load(w + 4 * L * j));
      BF_UNROLL_ALL
      for (int i = 0; i < tile_rows; i++) {
        qu x = qu_from(qb_xor(qb_broadcast(a[i] + 4 * g), flip));
        BF_UNROLL_ALL
        for (int j = 0; j < vectors; j++) sums[i][j] = qa_dot(sums[i][j], x, b[j]);
      }
    }
    if (p->tail != 0) {
      size_t at = 4 * p->groups;
      BF_UNROLL_ALL
      for (int i = 0; i < tile_rows; i++) {
        qu x = qu_from(qb_xor(qb_set(tail_bytes(a[i] + at, p->tail)), flip));
        BF_UNROLL_ALL
        for (int j = 0; j < vectors; j++) sums[i][j] = qa_dot(sums[i][j], x, qs_from(qb_load(w + 4 * L * j)));
      }
      w += 4 * L * vectors;
    }
  }
  put_tile(p, row, count, sums, tile_rows, vectors);
}

Q8_INLINE void run_panel(const q8_panel *p, const int vectors) {
  size_t row = 0;
  const uint8_t *const *rows = p->rows;
  for (; row + MR <= p->row_count; row += MR, rows += p->taps * MR) run_tile(p, row, MR, rows, MR, vectors);
  size_t left = p->row_count - row;
  if (left == 0) return;
  if (left == 1)
    run_tile(p, row, left, rows, 1, vectors);
  else if (left == 2 && MR > 2)
    run_tile(p, row, left, rows, 2, vectors);
  else if (left <= 4 && MR > 4)
    run_tile(p, row, left, rows, 4, vectors);
  else
    run_tile(p, row, left, rows, MR, vectors);
}

static __attribute__((noinline)) void panel_1(const q8_panel *p) { run_panel(p, 1); }
static __attribute__((noinline)) void panel_2(const q8_panel *p) { run_panel(p, NV < 2 ? NV : 2); }
static __attribute__((noinline)) void panel_3(const q8_panel *p) { run_panel(p, NV < 3 ? NV : 3); }
static __attribute__((noinline)) void panel_4(const q8_panel *p) { run_panel(p, NV); }

static void panel(const q8_panel *p) {
  switch (p->vectors) {
  case 1: panel_1(p); return;
  case 2: panel_2(p); return;
  case 3: panel_3(p); return;
  default: panel_4(p); return;
  }
}
