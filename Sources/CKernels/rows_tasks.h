/* What the row functions hand to their threads; each instruction set has one set of tasks. */
#ifndef BF_ROWS_TASKS_H
#define BF_ROWS_TASKS_H

#include "bf_rows.h"

enum { BF_COLUMN_BLOCK = 64, BF_REDUCE_CHUNKS = 64 };

typedef struct bf_softmax_job {
  size_t outer, extent, inner, group; /* rows (or blocks of columns) a task */
  bool logarithm;
  const float *x;
  float *y;
} bf_softmax_job;

typedef struct bf_normalize_job {
  size_t rows, width, group;
  bool rms;
  float epsilon;
  const float *x, *addend, *scale, *bias;
  float *sum, *y, *mean, *inverse_deviation;
} bf_normalize_job;

typedef struct bf_groups_job {
  size_t batch, pixels, channels, group_channels, parts, part_channels;
  float epsilon;
  const float *x, *scale, *bias;
  float *y;
} bf_groups_job;

/* How elements enter and how they combine. */
typedef enum bf_fold {
  BF_FOLD_SUM, BF_FOLD_ABS, BF_FOLD_SQUARE, BF_FOLD_EXP, BF_FOLD_DEVIATION, BF_FOLD_MAX, BF_FOLD_MIN,
  BF_FOLD_PRODUCT
} bf_fold;

typedef struct bf_reduce_job {
  bf_reduction reduction;
  bf_fold fold;
  size_t outer, extent, inner, group;
  size_t chunks, chunk;  /* of one row, when rows are few */
  const float *x;
  float *y;
  const float *shift;    /* of BF_FOLD_EXP, for each row */
  double *partial;       /* outer x chunks */
} bf_reduce_job;

typedef struct bf_arg_job {
  bool greatest, last;
  size_t outer, extent, inner, group;
  const float *x;
  int64_t *y;
} bf_arg_job;

typedef struct bf_rows_tasks {
  bf_task softmax_rows, softmax_columns, normalize_rows, normalize_groups, reduce_rows, reduce_chunk,
      reduce_columns, arg_rows, arg_columns;
} bf_rows_tasks;

extern const bf_rows_tasks bf_rows_portable;
#if defined(__x86_64__)
extern const bf_rows_tasks bf_rows_avx512, bf_rows_avx2;
#elif defined(__aarch64__)
extern const bf_rows_tasks bf_rows_neon;
#endif

double bf_fold_identity(bf_fold fold);
double bf_fold_combine(bf_fold fold, double x, double y);
/* The result of a reduction from what its elements were folded to. */
float bf_reduction_result(bf_reduction reduction, double folded, size_t extent, float shift);
/* The shift of a sum of exponentials: the greatest, unless infinite. */
float bf_exp_shift(double greatest);

#endif
