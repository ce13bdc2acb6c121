#include "check.h"

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }

static const size_t sizes[] = {1, 5, 16, 33, 128};
enum { SIZES = sizeof sizes / sizeof *sizes };

static bool is_close(float value, double expected) { return fabs((double)value - expected) < 1e-6; }

static float *wide_numbers(check_random *random, size_t count) {
  float *numbers = check_alloc(count * sizeof(float));
  for (size_t i = 0; i < count; i++) numbers[i] = random_float(random) * 5;
  return numbers;
}

static float *numbers(check_random *random, size_t count) {
  float *result = check_alloc(count * sizeof(float));
  random_fill(random, result, count);
  return result;
}

static void lstm_cells_follow_their_equations(bf_pool *pool) {
  if (bf_pool_threads(pool) != 1) return;
  check_random random = {61};
  for (size_t t = 0; t < SIZES; t++)
    for (int peep = 0; peep < 2; peep++) {
      size_t n = sizes[t];
      float *gates = wide_numbers(&random, 4 * n), *peephole = numbers(&random, 3 * n);
      float *cell = numbers(&random, n), *before = check_alloc(n * sizeof(float)), *state = check_alloc(n * sizeof(float));
      memcpy(before, cell, n * sizeof(float));
      bf_lstm_cell(n, gates, peep ? peephole : NULL, cell, state);
      for (size_t j = 0; j < n; j++) {
        const float *g = gates + j;
        double c = (double)before[j], p[3] = {0};
        for (size_t i = 0; i < 3; i++) p[i] = peep ? (double)peephole[i * n + j] : 0;
        double next = sigmoid((double)g[2 * n] + p[2] * c) * c + sigmoid((double)g[0] + p[0] * c) * tanh((double)g[3 * n]);
        double h = sigmoid((double)g[n] + p[1] * next) * tanh(next);
        CHECK(is_close(cell[j], next) && is_close(state[j], h), "lstm %zu: cell %g, not %g", j, (double)cell[j], next);
      }
      free(gates); free(peephole); free(cell); free(before); free(state);
    }
}

static void gru_cells_follow_their_equations(bf_pool *pool) {
  if (bf_pool_threads(pool) != 1) return;
  check_random random = {62};
  for (size_t t = 0; t < SIZES; t++) {
    size_t n = sizes[t];
    float *x = wide_numbers(&random, 3 * n), *h = numbers(&random, 3 * n), *before = numbers(&random, n);
    float *state = check_alloc(n * sizeof(float)), *kept = check_alloc(n * sizeof(float));
    memcpy(state, before, n * sizeof(float));
    bf_gru_cell(n, x, h, state);
    for (size_t j = 0; j < n; j++) {
      double z = sigmoid((double)x[j] + (double)h[j]), r = sigmoid((double)x[n + j] + (double)h[n + j]);
      double next = (1 - z) * tanh((double)x[2 * n + j] + r * (double)h[2 * n + j]) + z * (double)before[j];
      CHECK(is_close(state[j], next), "gru %zu: %g, not %g", j, (double)state[j], next);
    }
    memcpy(state, before, n * sizeof(float));
    bf_gru_reset(n, x, state, kept);
    bf_gru_update(n, x, x + 2 * n, state);
    for (size_t j = 0; j < n; j++) {
      double z = sigmoid((double)x[j]), next = (1 - z) * tanh((double)x[2 * n + j]) + z * (double)before[j];
      double reset = sigmoid((double)x[n + j]) * (double)before[j];
      CHECK(is_close(kept[j], reset), "gru reset %zu: %g, not %g", j, (double)kept[j], reset);
      CHECK(is_close(state[j], next), "gru update %zu: %g, not %g", j, (double)state[j], next);
    }
    free(x); free(h); free(before); free(state); free(kept);
  }
}

const bf_test recurrent_tests[] = {{"LSTM cells follow their equations", lstm_cells_follow_their_equations},
                                   {"GRU cells follow their equations", gru_cells_follow_their_equations},
                                   {NULL, NULL}};
