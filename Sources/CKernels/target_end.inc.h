/* Closes what target_begin.inc.h opened. */
#if defined(BF_TARGET_NAME)
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
