/* A part is a range of channels of one image: several small groups, or one of more channels than a block. */

static void normalize_groups(void *context, size_t index, size_t thread) {
  (void)thread;
  const bf_groups_job *job = context;
  size_t first = index % job->parts * job->part_channels, per_group = job->group_channels;
  size_t channels = job->channels - first < job->part_channels ? job->channels - first : job->part_channels;
  size_t base = index / job->parts * job->pixels * job->channels + first;
  double total[BF_COLUMN_BLOCK] = {0}, folded[BF_COLUMN_BLOCK];
  float mean[BF_COLUMN_BLOCK] = {0}, factor[BF_COLUMN_BLOCK], by[BF_COLUMN_BLOCK] = {0};
  double count = (double)job->pixels * (double)per_group;
  size_t groups = channels / per_group;
  for (int pass = 0; pass < 2; pass++) {
    for (size_t c0 = 0; c0 < channels; c0 += BF_COLUMN_BLOCK) {
      size_t width = channels - c0 < BF_COLUMN_BLOCK ? channels - c0 : BF_COLUMN_BLOCK;
      for (size_t c = 0; c < width; c++) by[c] = mean[(c0 + c) / per_group];
      fold_narrow(pass == 0 ? BF_FOLD_SUM : BF_FOLD_DEVIATION, width, job->pixels, job->channels,
                  job->x + base + c0, by, folded);
      for (size_t c = 0; c < width; c++) total[(c0 + c) / per_group] += folded[c];
    }
    for (size_t g = 0; g < groups; g++) {
      if (pass == 0)
        mean[g] = (float)(total[g] / count);
      else
        factor[g] = 1 / sqrtf((float)(total[g] / count) + job->epsilon);
      total[g] = 0;
    }
  }
  for (size_t c0 = 0; c0 < channels; c0 += BF_COLUMN_BLOCK) {
    size_t width = channels - c0 < BF_COLUMN_BLOCK ? channels - c0 : BF_COLUMN_BLOCK;
    float scale[BF_COLUMN_BLOCK], bias[BF_COLUMN_BLOCK];
    for (size_t c = 0; c < width; c++) {
      size_t channel = first + c0 + c, group = (c0 + c) / per_group;
      by[c] = mean[group];
      scale[c] = factor[group] * (job->scale ? job->scale[channel] : 1);
      bias[c] = job->bias ? job->bias[channel] : 0;
    }
    for (size_t p = 0; p < job->pixels; p++) {
      const float *x = job->x + base + c0 + p * job->channels;
      float *y = job->y + base + c0 + p * job->channels;
      for (size_t c = 0; c < width; c += VW) {
        size_t n = width - c;
        vf value = (v_load_first(x + c, n) - v_load_first(by + c, n)) * v_load_first(scale + c, n) +
                   v_load_first(bias + c, n);
        v_store_first(y + c, value, n);
      }
    }
  }
}
