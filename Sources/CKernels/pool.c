#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "bf_trace.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

/* Turns of waiting before a thread sleeps: some 25 microseconds, the gap between two kernels. */
enum { SPINS = 1500 };

/* Indices still to be claimed, and in the upper half the number of the job they belong to, so that a
 * thread which comes late can claim nothing of another job. */
typedef _Atomic uint64_t bf_claims;

/* What is noted of one worker, which alone writes it during a job. */
typedef struct bf_track {
  _Alignas(64) bf_worker_span *spans;
  size_t count;
  uint32_t job; /* of the last span */
} bf_track;

struct bf_pool {
  size_t threads;
  pthread_t *workers;
  size_t worker_count;
  const int *cpus;

  _Alignas(64) bf_claims claims;
  _Alignas(64) atomic_size_t finished;
  _Alignas(64) atomic_uint sleepers;
  atomic_bool caller_sleeps;
  atomic_bool stops;
  atomic_size_t next_thread;

  /* Of the job in progress; written while no index can be claimed. */
  bf_task task;
  void *context;
  size_t count;
  bool traces;

  bf_track *tracks; /* one for each thread, or NULL */
  size_t track_capacity;

  pthread_mutex_t lock;
  pthread_cond_t wake, done;
};

static inline void pause_turn(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void pin(const int *cpus, size_t thread) {
#if defined(__linux__)
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET((unsigned)cpus[thread], &set);
  (void)pthread_setaffinity_np(pthread_self(), sizeof set, &set);
#else
  (void)cpus;
  (void)thread;
#endif
}

static uint64_t nanoseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The span that a part of `job` belongs to; NULL when there is no room. */
static bf_worker_span *span_of(bf_pool *pool, size_t thread, uint32_t job) {
  bf_track *track = &pool->tracks[thread];
  if (track->job != job) {
    if (track->count == pool->track_capacity) return NULL;
    track->job = job;
    track->spans[track->count++].begin = nanoseconds();
  }
  return &track->spans[track->count - 1];
}

/* Runs what is left of the job; how many parts that were. */
static size_t take_part(bf_pool *pool, size_t thread) {
  size_t taken = 0;
  uint64_t claims = atomic_load_explicit(&pool->claims, memory_order_acquire);
  while ((uint32_t)claims != 0) {
    if (!atomic_compare_exchange_weak_explicit(&pool->claims, &claims, claims - 1, memory_order_acq_rel,
                                               memory_order_acquire))
      continue;
    /* The job cannot end before this part does, so its fields stand still. */
    bf_worker_span *span =
        pool->traces && thread > 0 ? span_of(pool, thread, (uint32_t)(claims >> 32)) : NULL;
    pool->task(pool->context, pool->count - (uint32_t)claims, thread);
    if (span) span->end = nanoseconds();
    taken++;
    size_t count = pool->count;
    if (atomic_fetch_add(&pool->finished, 1) + 1 == count &&
        atomic_load(&pool->caller_sleeps)) {
      pthread_mutex_lock(&pool->lock);
      pthread_cond_signal(&pool->done);
      pthread_mutex_unlock(&pool->lock);
    }
    claims = atomic_load_explicit(&pool->claims, memory_order_acquire);
  }
  return taken;
}

static bool has_work(bf_pool *pool) {
  return (uint32_t)atomic_load(&pool->claims) != 0 || atomic_load(&pool->stops);
}

static void *work(void *argument) {
  bf_pool *pool = argument;
  size_t thread = atomic_fetch_add(&pool->next_thread, 1);
  if (pool->cpus) pin(pool->cpus, thread);
  for (;;) {
    for (int turn = 0; turn < SPINS && !has_work(pool); turn++) pause_turn();
    if (!has_work(pool)) {
      pthread_mutex_lock(&pool->lock);
      atomic_fetch_add(&pool->sleepers, 1);
      while (!has_work(pool)) pthread_cond_wait(&pool->wake, &pool->lock);
      atomic_fetch_sub(&pool->sleepers, 1);
      pthread_mutex_unlock(&pool->lock);
    }
    if (atomic_load_explicit(&pool->stops, memory_order_acquire)) return NULL;
    take_part(pool, thread);
  }
}

bf_pool *bf_pool_create(size_t threads, const int *cpus) {
  if (threads == 0) return NULL;
  bf_pool *pool = aligned_alloc(64, (sizeof(bf_pool) + 63) / 64 * 64);
  if (!pool) return NULL;
  *pool = (bf_pool){.threads = threads};
  atomic_init(&pool->next_thread, 1);
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pthread_cond_init(&pool->done, NULL);
  int *copy = NULL;
  if (cpus) {
    copy = malloc(threads * sizeof *copy);
    if (copy)
      for (size_t i = 0; i < threads; i++) copy[i] = cpus[i];
    pool->cpus = copy;
  }
  pool->workers = calloc(threads, sizeof *pool->workers);
  bool made = pool->workers && (!cpus || copy);
  for (; made && pool->worker_count + 1 < threads; pool->worker_count++)
    if (pthread_create(&pool->workers[pool->worker_count], NULL, work, pool) != 0) {
      made = false;
      break;
    }
  if (!made) {
    bf_pool_destroy(pool);
    return NULL;
  }
  if (pool->cpus) pin(pool->cpus, 0);
  return pool;
}

static void free_tracks(bf_pool *pool) {
  for (size_t i = 0; pool->tracks && i < pool->threads; i++) free(pool->tracks[i].spans);
  free(pool->tracks);
  pool->tracks = NULL;
  pool->track_capacity = 0;
}

bool bf_trace_start(bf_pool *pool, size_t capacity) {
  if (!pool) return true;
  if (!pool->tracks || pool->track_capacity != capacity) {
    free_tracks(pool);
    pool->tracks = aligned_alloc(64, pool->threads * sizeof(bf_track));
    if (!pool->tracks) return false;
    for (size_t i = 0; i < pool->threads; i++) pool->tracks[i] = (bf_track){0};
    pool->track_capacity = capacity;
    for (size_t i = 1; i < pool->threads; i++) {
      pool->tracks[i].spans = calloc(capacity ? capacity : 1, sizeof(bf_worker_span));
      if (!pool->tracks[i].spans) {
        free_tracks(pool);
        return false;
      }
    }
  }
  /* Jobs are numbered from one, and the number of the one before is never that of the next. */
  for (size_t i = 0; i < pool->threads; i++) pool->tracks[i].count = 0;
  pool->traces = true;
  return true;
}

void bf_trace_stop(bf_pool *pool) {
  if (pool) pool->traces = false;
}

const bf_worker_span *bf_trace_spans(const bf_pool *pool, size_t worker, size_t *count) {
  bool is_there = pool && pool->tracks && worker > 0 && worker < pool->threads;
  *count = is_there ? pool->tracks[worker].count : 0;
  return is_there ? pool->tracks[worker].spans : NULL;
}

void bf_pool_destroy(bf_pool *pool) {
  if (!pool) return;
  pthread_mutex_lock(&pool->lock);
  atomic_store_explicit(&pool->stops, true, memory_order_release);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->lock);
  for (size_t i = 0; i < pool->worker_count; i++) pthread_join(pool->workers[i], NULL);
  pthread_cond_destroy(&pool->wake);
  pthread_cond_destroy(&pool->done);
  pthread_mutex_destroy(&pool->lock);
  free_tracks(pool);
  free(pool->workers);
  free((void *)pool->cpus);
  free(pool);
}

size_t bf_pool_threads(const bf_pool *pool) { return pool ? pool->threads : 1; }

void bf_pool_run(bf_pool *pool, size_t count, bf_task task, void *context) {
  if (!pool || pool->threads == 1 || count <= 1) {
    for (size_t i = 0; i < count; i++) task(context, i, 0);
    return;
  }
  pool->task = task;
  pool->context = context;
  pool->count = count;
  atomic_store_explicit(&pool->finished, 0, memory_order_relaxed);
  uint64_t job = (atomic_load_explicit(&pool->claims, memory_order_relaxed) >> 32) + 1;
  atomic_store(&pool->claims, job << 32 | (uint32_t)count);
  if (atomic_load(&pool->sleepers) != 0) {
    pthread_mutex_lock(&pool->lock);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
  }
  take_part(pool, 0);
  for (int turn = 0; turn < SPINS; turn++) {
    if (atomic_load_explicit(&pool->finished, memory_order_acquire) == count) return;
    pause_turn();
  }
  pthread_mutex_lock(&pool->lock);
  atomic_store(&pool->caller_sleeps, true);
  while (atomic_load(&pool->finished) != count) pthread_cond_wait(&pool->done, &pool->lock);
  atomic_store(&pool->caller_sleeps, false);
  pthread_mutex_unlock(&pool->lock);
}
