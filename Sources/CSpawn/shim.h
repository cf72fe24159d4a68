#include <spawn.h>

#ifdef __linux__
/* glibc has these (since 2.9, 2.29 and 2.34) but shows them only with _GNU_SOURCE, which the Swift
   module of glibc is not built with. */
int pipe2(int[2], int);
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
#endif
