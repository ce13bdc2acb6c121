#include "check.h"

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

static void cells_follow_their_equations(bf_pool *pool) {
  if (bf_pool_threads(pool) != 1) return;
  check_random random = {61};
  static const size_t sizes[] = {1, 5, 16, 33, 128};
  for (size_t t = 0; t < 5; t++)
    for (int peep = 0; peep < 2; peep++) {
      size_t n = sizes[t], batch = 3, gate_row = 4 * n + 2, row = n + 1;
      float *gates = check_alloc(batch * gate_row * 4), *peephole = check_alloc(3 * n * 4);
      float *cell = check_alloc(batch * n * 4), *before = check_alloc(batch * n * 4);
      float *hidden = check_alloc(batch * row * 4), *other = check_alloc(batch * gate_row * 4);
      for (size_t i = 0; i < batch * gate_row; i++) gates[i] = random_float(&random) * 5;
      random_fill(&random, other, batch * gate_row);
      random_fill(&random, peephole, 3 * n);
      random_fill(&random, cell, batch * n);
      memcpy(before, cell, batch * n * 4);
      bf_lstm_cell(batch, n, gates, (ptrdiff_t)gate_row, peep ? peephole : NULL, cell, hidden, (ptrdiff_t)row);
      for (size_t b = 0; b < batch; b++)
        for (size_t j = 0; j < n; j++) {
          const float *g = gates + b * gate_row + j;
          double c = (double)before[b * n + j], p[3] = {0};
          for (size_t i = 0; i < 3; i++) p[i] = peep ? (double)peephole[i * n + j] : 0;
          double next = sigmoid((double)g[2 * n] + p[2] * c) * c + sigmoid((double)g[0] + p[0] * c) * tanh((double)g[3 * n]);
          double h = sigmoid((double)g[n] + p[1] * next) * tanh(next);
          CHECK(fabs((double)cell[b * n + j] - next) < 1e-6 && fabs((double)hidden[b * row + j] - h) < 1e-6,
                "lstm %zu: cell %g, not %g", j, (double)cell[b * n + j], next);
        }
      bf_gru_cell(batch, n, gates, (ptrdiff_t)gate_row, other, (ptrdiff_t)gate_row, before, hidden, (ptrdiff_t)row);
      for (size_t b = 0; b < batch; b++)
        for (size_t j = 0; j < n; j++) {
          const float *x = gates + b * gate_row + j, *y = other + b * gate_row + j;
          double z = sigmoid((double)x[0] + (double)y[0]), r = sigmoid((double)x[n] + (double)y[n]);
          double h = (1 - z) * tanh((double)x[2 * n] + r * (double)y[2 * n]) + z * (double)before[b * n + j];
          CHECK(fabs((double)hidden[b * row + j] - h) < 1e-6, "gru %zu: %g, not %g", j, (double)hidden[b * row + j], h);
        }
      free(gates); free(peephole); free(cell); free(before); free(hidden); free(other);
    }
}

const bf_test recurrent_tests[] = {{"cells follow their equations", cells_follow_their_equations}, {NULL, NULL}};
