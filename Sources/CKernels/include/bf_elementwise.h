/* Elementwise chains: a small register program over broadcast operands, in one pass over memory. */
#ifndef BF_ELEMENTWISE_H
#define BF_ELEMENTWISE_H

#include "bf_contraction.h"

#if defined(__cplusplus)
extern "C" {
#endif

enum { BF_CHAIN_RANK = 6, BF_CHAIN_OPERANDS = 12, BF_CHAIN_REGISTERS = 8, BF_CHAIN_STEPS = 24 };

typedef enum bf_element { BF_F32 = 0, BF_BOOL = 1, BF_I32 = 2, BF_I64 = 3 } bf_element;

typedef enum bf_function {
  /* two arguments */
  BF_ADD = 0, BF_SUB, BF_MUL, BF_DIV, BF_MIN, BF_MAX, BF_POW, BF_PRELU,
  BF_EQUAL, BF_LESS, BF_LESS_EQUAL, BF_AND, BF_OR, BF_XOR, BF_FMOD,
  /* one argument (with immediates a, b) */
  BF_UNARY_ACTIVATION, /* step.activation */
  BF_ABS, BF_NEG, BF_SQRT, BF_RSQRT, BF_RECIPROCAL, BF_EXP, BF_LOG, BF_ERF, BF_SIN, BF_COS,
  BF_FLOOR, BF_CEIL, BF_ROUND, BF_SIGN, BF_NOT, BF_SQUARE,
  BF_AFFINE,           /* a x + b */
  BF_POW_CONSTANT,     /* x ^ a */
  /* three arguments */
  BF_SELECT,           /* x ? y : z */
  BF_MUL_ADD           /* x y + z */
} bf_function;

typedef struct bf_chain_step {
  bf_function function;
  bf_activation activation;
  uint8_t result, x, y, z; /* registers */
  float a, b;
} bf_chain_step;

typedef struct bf_chain_operand {
  bf_element type;
  uint8_t reg;                      /* the register it is loaded into, or stored from */
  ptrdiff_t stride[BF_CHAIN_RANK];  /* elements, outermost first; 0 broadcasts */
} bf_chain_operand;

/* Registers hold float32 (Booleans as 0 and 1; integers are converted). Operands are loaded first, in
 * order; then the steps run; then results are stored (bool: x != 0; integers: towards zero, saturated, 0 for
 * what is not a number). An output may be an input in place, element by element.
 * What is not a number stays so through every function but comparisons and Booleans: minimum, maximum, ReLU,
 * clamp and sign give NaN, as ONNX Runtime 1.32 does. Rounding takes halves to the even number. */
typedef struct bf_chain {
  size_t rank;
  size_t extent[BF_CHAIN_RANK];
  size_t input_count, output_count, step_count;
  bf_chain_operand input[BF_CHAIN_OPERANDS];
  bf_chain_operand output[2];
  bf_chain_step step[BF_CHAIN_STEPS];
} bf_chain;

void bf_chain_run(bf_pool *pool, const bf_chain *chain, const void *const *inputs, void *const *outputs);

/* The scalar function of a register program, portable: what the vector code is compared with. */
float bf_activate(bf_activation activation, float a, float b, float x);

#if defined(__cplusplus)
}
#endif
#endif
