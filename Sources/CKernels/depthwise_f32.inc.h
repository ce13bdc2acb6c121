/* Depthwise convolution, part of micro_f32.inc.h. */

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
  const bool is_plain = d->target[0].epilogue->is_plain;
  for (size_t block = d->first_block; block < d->end_block; block++) {
    const size_t channel = block_channel(block, channels);
    const float *w = d->weights + block * (size_t)(K * K * VW);
    vf sum[2][F32_DEPTHWISE_COLUMNS];
    BF_UNROLL_ALL for (int l = 0; l < L; l++)
      BF_UNROLL_ALL for (int i = 0; i < N; i++)
        sum[l][i] = (vf){0};
    /* Where the results below go, lest the stores wait while an activation is at work. */
    if (!is_plain)
      BF_UNROLL_ALL for (int l = 0; l < L; l++) {
        const float *below = d->target[l].c + channel + d->lines_pitch;
        BF_UNROLL_ALL for (int i = 0; i < N; i++) __builtin_prefetch(below + i * d->target[l].c_stride, 1);
      }
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
