#include "movement_plan.h"

static size_t magnitude(ptrdiff_t stride) { return stride < 0 ? (size_t)0 - (size_t)stride : (size_t)stride; }

static bool comes_before(const bf_axis *x, const bf_axis *y) {
  size_t a = magnitude(x->destination), b = magnitude(y->destination);
  return a != b ? a > b : magnitude(x->source) > magnitude(y->source);
}

bool bf_plan_copy(const bf_copy *copy, bf_copy_plan *plan) {
  ptrdiff_t size = (ptrdiff_t)copy->element_size;
  bf_axis *axis = plan->axis;
  size_t rank = 0;
  for (size_t d = 0; d < copy->rank; d++) {
    if (copy->extent[d] == 0) return false;
    if (copy->extent[d] == 1) continue;
    bf_axis next = {copy->extent[d], copy->source_stride[d] * size, copy->destination_stride[d] * size};
    size_t at = rank++;
    for (; at > 0 && comes_before(&next, &axis[at - 1]); at--) axis[at] = axis[at - 1];
    axis[at] = next;
  }
  size_t merged = 0;
  for (size_t d = 0; d < rank; d++) {
    bf_axis *outer = &axis[merged - (merged > 0)], inner = axis[d];
    if (merged > 0 && outer->source == inner.source * (ptrdiff_t)inner.extent &&
        outer->destination == inner.destination * (ptrdiff_t)inner.extent)
      *outer = (bf_axis){outer->extent * inner.extent, inner.source, inner.destination};
    else
      axis[merged++] = inner;
  }
  plan->unit = copy->element_size;
  if (merged > 0 && axis[merged - 1].source == size && axis[merged - 1].destination == size)
    plan->unit *= axis[--merged].extent;
  plan->rank = merged;
  return true;
}
