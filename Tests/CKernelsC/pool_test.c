/* The thread pool: each part of a job once, jobs one after another, threads pinned or not, one pool inside
 * another, and pools that end as soon as they begin. Parts use memory that no atomic guards, as kernels do, so
 * that the thread sanitizer sees where the pool gives no order. */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

enum { PARTS = 23, MOST_THREADS = 4 };
static const size_t thread_counts[] = {1, 2, MOST_THREADS};
enum { THREAD_COUNTS = sizeof thread_counts / sizeof *thread_counts };

typedef struct relay {
  const uint32_t *before;
  uint32_t *after;
  size_t scratch[MOST_THREADS];
} relay;

/* Reads what two other parts, on any thread, wrote in the job before. */
static void hand_on(void *context, size_t index, size_t thread) {
  relay *r = context;
  r->after[index] += r->before[(index + 1) % PARTS] + 3 * r->before[(index + 11) % PARTS];
  r->scratch[thread]++;
  if (index % 8 == 0) sched_yield(); /* parts are short: let others have some, on one processor too */
}

/* Whether `jobs` jobs in quick succession give what a plain loop gives. */
static bool hands_on(bf_pool *pool, size_t jobs) {
  uint32_t values[2][PARTS] = {{0}}, expected[2][PARTS] = {{0}};
  values[0][0] = expected[0][0] = 1;
  relay r = {0};
  for (size_t job = 0; job < jobs; job++) {
    r.before = values[job % 2];
    r.after = values[(job + 1) % 2];
    bf_pool_run(pool, PARTS, hand_on, &r);
    for (size_t i = 0; i < PARTS; i++)
      expected[(job + 1) % 2][i] +=
          expected[job % 2][(i + 1) % PARTS] + 3 * expected[job % 2][(i + 11) % PARTS];
  }
  size_t parts = 0;
  for (size_t i = 0; i < MOST_THREADS; i++) parts += r.scratch[i];
  return parts == jobs * PARTS && memcmp(values, expected, sizeof values) == 0;
}

static void jobs_follow_each_other(bf_pool *pool) {
  CHECK(hands_on(pool, 50), "%zu threads: a part ran twice, not at all, or before the job ahead of it ended",
        bf_pool_threads(pool));
}

static void count(void *context, size_t index, size_t thread) {
  (void)thread;
  ((size_t *)context)[index]++;
}

static void jobs_have_any_size(bf_pool *pool) {
  for (size_t parts = 0; parts <= PARTS; parts++) {
    size_t times[PARTS] = {0}, wrong = 0;
    bf_pool_run(pool, parts, count, times);
    for (size_t i = 0; i < PARTS; i++) wrong += times[i] != (i < parts);
    CHECK(wrong == 0, "of %zu parts, %zu ran wrongly", parts, wrong);
  }
}

/* Long enough that who has no part left goes to sleep: 1 ms. */
static void last_part_is_long(void *context, size_t index, size_t thread) {
  if (index == PARTS - 1) {
    struct timespec pause = {.tv_nsec = 1000000};
    nanosleep(&pause, NULL);
  }
  count(context, index, thread);
}

static void sleepers_wake(bf_pool *pool) {
  size_t times[PARTS] = {0}, wrong = 0;
  for (size_t job = 0; job < 5; job++) bf_pool_run(pool, PARTS, last_part_is_long, times);
  for (size_t i = 0; i < PARTS; i++) wrong += times[i] != 5;
  CHECK(wrong == 0, "%zu parts ran wrongly", wrong);
}

static void run_inner(void *context, size_t index, size_t thread) {
  (void)index;
  bf_pool **inner = context;
  if (!hands_on(inner[thread], 3)) abort();
}

static void pools_nest(bf_pool *pool) {
  bf_pool *inner[MOST_THREADS] = {NULL};
  for (size_t i = 0; i < bf_pool_threads(pool); i++) inner[i] = bf_pool_create(2, NULL);
  bf_pool_run(pool, 7, run_inner, inner);
  for (size_t i = 0; i < MOST_THREADS; i++) bf_pool_destroy(inner[i]);
}

typedef struct lives {
  const int *cpus;
  bool good;
} lives;

static void *make_and_end_pools(void *argument) {
  lives *l = argument;
  l->good = true;
  for (size_t i = 0; i < THREAD_COUNTS; i++)
    for (size_t jobs = 0; jobs < 4; jobs++) {
      bf_pool *pool = bf_pool_create(thread_counts[i], l->cpus);
      l->good &= pool && bf_pool_threads(pool) == thread_counts[i] && hands_on(pool, jobs);
      bf_pool_destroy(pool);
    }
  return NULL;
}

static void pools_begin_and_end(bf_pool *pool) {
  (void)pool;
  lives loose = {0};
  make_and_end_pools(&loose);
  CHECK(loose.good, "a pool that is not pinned");
  /* In a thread of its own, because a pool pins its caller too; a processor that is not there pins nothing. */
  static const int cpus[MOST_THREADS] = {0, 1, 0, 1};
  lives pinned = {.cpus = cpus};
  pthread_t thread;
  bool made = pthread_create(&thread, NULL, make_and_end_pools, &pinned) == 0;
  if (made) pthread_join(thread, NULL);
  CHECK(made && pinned.good, "a pinned pool");
  CHECK(!bf_pool_create(0, NULL), "a pool of no threads");
  CHECK(bf_pool_threads(NULL) == 1 && hands_on(NULL, 3), "no pool is a pool of one thread");
}

const bf_test pool_tests[] = {
    {"jobs follow each other", jobs_follow_each_other},
    {"jobs have any size", jobs_have_any_size},
    {"sleepers wake", sleepers_wake},
    {"pools nest", pools_nest},
    {"pools begin and end", pools_begin_and_end},
    {NULL, NULL},
};
