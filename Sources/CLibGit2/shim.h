#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>

/* git_libgit2_opts takes a variable number of arguments, which Swift cannot pass. */

static inline int gate_set_cached_object_limit(git_object_t kind, size_t bytes) {
	return git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, (int)kind, bytes);
}

static inline int gate_set_hash_verification(int enabled) {
	return git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, enabled);
}

static inline int gate_set_owner_validation(int enabled) {
	return git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, enabled);
}

static inline int gate_set_known_extensions(const char **names, size_t count) {
	return git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, names, count);
}

/* zlib wants and frees some 40 kB for each object that libgit2 reads, and glibc by default gives the end
 * of the heap back to the system as often: what is freed is kept for what comes next (mallopt(3)). */
#ifdef __GLIBC__
#include <malloc.h>
static inline void gate_keep_freed_memory(void) {
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	mallopt(M_TOP_PAD, 4 << 20);
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
}
#else
static inline void gate_keep_freed_memory(void) {}
#endif
