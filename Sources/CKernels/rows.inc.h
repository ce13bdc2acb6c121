/* Rows of LANES at a time; included once for each instruction set. */
#include "rows_softmax.inc.h"
#include "rows_normalize.inc.h"
#include "rows_reduce.inc.h"
#include "rows_groups.inc.h"
#include "rows_arg.inc.h"

const bf_rows_tasks TASKS = {.softmax_rows = softmax_rows,
                             .softmax_columns = softmax_columns,
                             .normalize_rows = normalize_rows,
                             .normalize_groups = normalize_groups,
                             .reduce_rows = reduce_rows,
                             .reduce_chunk = reduce_chunk,
                             .reduce_columns = reduce_columns,
                             .arg_rows = arg_rows,
                             .arg_columns = arg_columns};
