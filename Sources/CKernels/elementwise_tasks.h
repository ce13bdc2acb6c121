/* The steps of a register program on one tile; each instruction set has its own. */
#ifndef BF_ELEMENTWISE_TASKS_H
#define BF_ELEMENTWISE_TASKS_H

#include "bf_elementwise.h"

/* Elements of a tile: the registers in use stay in the first cache. A multiple of every vector. */
enum { BF_CHAIN_TILE = 512 };

/* `count` is a multiple of 16, so that vectors are whole. The result may be one of the arguments. */
typedef void (*bf_chain_apply)(const bf_chain_step *step, size_t count, const float *x, const float *y,
                               const float *z, float *result);
typedef struct bf_chain_functions {
  bf_chain_apply apply;
  /* count elements, not necessarily whole vectors; the destination has room for whole ones. */
  void (*load_bool)(size_t count, const uint8_t *source, float *destination);
  void (*store_bool)(size_t count, const float *source, uint8_t *destination);
} bf_chain_functions;

extern const bf_chain_functions bf_elementwise_portable;
#if defined(__x86_64__)
extern const bf_chain_functions bf_elementwise_avx512, bf_elementwise_avx2;
#elif defined(__aarch64__)
extern const bf_chain_functions bf_elementwise_neon;
#endif

#endif
