/* One loop for each function; included once for each instruction set. */

#define V(p) v_load(p + i)
#define EACH(expression)                                                                                     \
  {                                                                                                          \
    for (size_t i = 0; i < count; i += VW) v_store(r + i, expression);                                       \
    break;                                                                                                   \
  }
#define ONE_WHERE(mask) v_select(mask, v_splat(1), (vf){0})
#define IS_TRUE(p) (V(p) != (vf){0})

static void activate(bf_activation activation, float a, float b, size_t count, const float *x, float *r) {
#define ACTIVATION(kind)                                                                                     \
  case kind:                                                                                                 \
    EACH(v_activate(kind, v_splat(a), v_splat(b), V(x)))
  switch (activation) {
    ACTIVATION(BF_IDENTITY);
    ACTIVATION(BF_RELU);
    ACTIVATION(BF_CLAMP);
    ACTIVATION(BF_LEAKY_RELU);
    ACTIVATION(BF_SIGMOID);
    ACTIVATION(BF_TANH);
    ACTIVATION(BF_SILU);
    ACTIVATION(BF_HARD_SIGMOID);
    ACTIVATION(BF_HARD_SWISH);
    ACTIVATION(BF_GELU_ERF);
    ACTIVATION(BF_GELU_TANH);
    ACTIVATION(BF_ELU);
    ACTIVATION(BF_SOFTPLUS);
    ACTIVATION(BF_MISH);
  }
}

BF_INLINE vf sign_of(vf x) {
  return v_select(x > 0.0f, v_splat(1), v_select(x < 0.0f, v_splat(-1), x));
}

BF_INLINE vf remainder_of(vf x, vf y) {
  for (int i = 0; i < VW; i++) x[i] = fmodf(x[i], y[i]);
  return x;
}

/* x^(1/2), which differs from the root for -0 and -inf. */
BF_INLINE vf square_root_of(vf x) {
  return v_select(x == -INFINITY, v_splat(INFINITY), v_sqrt(x + 0.0f));
}

static void apply(const bf_chain_step *step, size_t count, const float *x, const float *y, const float *z,
                  float *r) {
  float a = step->a, b = step->b;
  switch (step->function) {
  case BF_ADD: EACH(V(x) + V(y))
  case BF_SUB: EACH(V(x) - V(y))
  case BF_MUL: EACH(V(x) * V(y))
  case BF_DIV: EACH(V(x) / V(y))
  case BF_MIN: EACH(v_minimum(V(x), V(y)))
  case BF_MAX: EACH(v_maximum(V(x), V(y)))
  case BF_POW: EACH(v_pow(V(x), V(y)))
  case BF_PRELU: EACH(v_select(V(x) < 0.0f, V(x) * V(y), V(x)))
  case BF_EQUAL: EACH(ONE_WHERE(V(x) == V(y)))
  case BF_LESS: EACH(ONE_WHERE(V(x) < V(y)))
  case BF_LESS_EQUAL: EACH(ONE_WHERE(V(x) <= V(y)))
  case BF_AND: EACH(ONE_WHERE(IS_TRUE(x) & IS_TRUE(y)))
  case BF_OR: EACH(ONE_WHERE(IS_TRUE(x) | IS_TRUE(y)))
  case BF_XOR: EACH(ONE_WHERE(IS_TRUE(x) ^ IS_TRUE(y)))
  case BF_FMOD: EACH(remainder_of(V(x), V(y)))
  case BF_UNARY_ACTIVATION: activate(step->activation, a, b, count, x, r); break;
  case BF_ABS: EACH(v_abs(V(x)))
  case BF_NEG: EACH(-V(x))
  case BF_SQRT: EACH(v_sqrt(V(x)))
  case BF_RSQRT: EACH(1.0f / v_sqrt(V(x)))
  case BF_RECIPROCAL: EACH(1.0f / V(x))
  case BF_EXP: EACH(v_exp(V(x)))
  case BF_LOG: EACH(v_log(V(x)))
  case BF_ERF: EACH(v_erf(V(x)))
  case BF_SIN: EACH(v_sin(V(x)))
  case BF_COS: EACH(v_cos(V(x)))
  case BF_FLOOR: EACH(v_floor(V(x)))
  case BF_CEIL: EACH(v_ceil(V(x)))
  case BF_ROUND: EACH(v_round(V(x)))
  case BF_SIGN: EACH(sign_of(V(x)))
  case BF_NOT: EACH(ONE_WHERE(V(x) == (vf){0}))
  case BF_SQUARE: EACH(V(x) * V(x))
  case BF_AFFINE: EACH(a * V(x) + b)
  case BF_POW_CONSTANT:
    if (a == 3) EACH(V(x) * V(x) * V(x))
    if (a == 2) EACH(V(x) * V(x))
    if (a == 0.5f) EACH(square_root_of(V(x)))
    if (a == -1) EACH(1.0f / V(x))
    EACH(v_pow(V(x), v_splat(a)))
  case BF_SELECT: EACH(v_select(IS_TRUE(x), V(y), V(z)))
  case BF_MUL_ADD: EACH(V(x) * V(y) + V(z))
  }
}

static void load_bool(size_t count, const uint8_t *source, float *destination) {
  for (size_t i = 0; i < count; i++) destination[i] = source[i] != 0;
}

static void store_bool(size_t count, const float *source, uint8_t *destination) {
  for (size_t i = 0; i < count; i++) destination[i] = source[i] != 0;
}

const bf_chain_functions TASKS = {apply, load_bool, store_bool};
