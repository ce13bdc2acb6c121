/* Winograd F(4x4, 3x3), points 0, 1, -1, 2, -2 (Lavin and Gray, arXiv:1509.09308), part of micro_f32.inc.h. */

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
