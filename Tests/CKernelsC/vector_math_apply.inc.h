enum { EXP = 100, EXPM1, LOG, ERF };

static void apply_vectors(bf_activation activation, float a, float b, const float *x, float *y) {
  for (int i = 0; i < 16; i += VW) {
    vf v = v_load(x + i);
    switch ((int)activation) {
    case EXP: v = v_exp(v); break;
    case EXPM1: v = v_expm1(v); break;
    case LOG: v = v_log(v); break;
    case ERF: v = v_erf(v); break;
    default: v = v_activate(activation, v_splat(a), v_splat(b), v);
    }
    v_store(y + i, v);
  }
}
