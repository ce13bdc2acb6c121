/* Included once for each instruction set. */

static void lstm(size_t n, const float *gates, const float *peephole, float *cell, float *state) {
  for (size_t i = 0; i < n; i += VW) {
    size_t left = n - i;
    vf in = v_load_first(gates + i, left), out = v_load_first(gates + n + i, left);
    vf forget = v_load_first(gates + 2 * n + i, left), change = v_load_first(gates + 3 * n + i, left);
    vf c = v_load_first(cell + i, left);
    if (peephole) {
      in += v_load_first(peephole + i, left) * c;
      forget += v_load_first(peephole + 2 * n + i, left) * c;
    }
    c = v_sigmoid(forget) * c + v_sigmoid(in) * v_tanh(change);
    if (peephole) out += v_load_first(peephole + n + i, left) * c;
    v_store_first(cell + i, c, left);
    v_store_first(state + i, v_sigmoid(out) * v_tanh(c), left);
  }
}

static void gru(size_t n, const float *x, const float *h, float *state) {
  for (size_t i = 0; i < n; i += VW) {
    size_t left = n - i;
    vf update = v_sigmoid(v_load_first(x + i, left) + v_load_first(h + i, left));
    vf reset = v_sigmoid(v_load_first(x + n + i, left) + v_load_first(h + n + i, left));
    vf candidate = v_tanh(v_load_first(x + 2 * n + i, left) + reset * v_load_first(h + 2 * n + i, left));
    vf s = v_load_first(state + i, left);
    v_store_first(state + i, (1.0f - update) * candidate + update * s, left);
  }
}

static void gru_reset(size_t n, const float *gates, const float *state, float *kept) {
  for (size_t i = 0; i < n; i += VW) {
    size_t left = n - i;
    v_store_first(kept + i, v_sigmoid(v_load_first(gates + n + i, left)) * v_load_first(state + i, left), left);
  }
}

static void gru_update(size_t n, const float *gates, const float *candidate, float *state) {
  for (size_t i = 0; i < n; i += VW) {
    size_t left = n - i;
    vf update = v_sigmoid(v_load_first(gates + i, left)), s = v_load_first(state + i, left);
    v_store_first(state + i, (1.0f - update) * v_tanh(v_load_first(candidate + i, left)) + update * s, left);
  }
}

const bf_recurrent_functions TASKS = {lstm, gru, gru_reset, gru_update};
