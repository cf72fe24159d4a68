/* Runs one program without a shell and prints what it took.
 *
 *     measure INPUT FOLDER PROGRAM [ARGUMENT...]
 *
 * Standard input is the file INPUT, both outputs are /dev/null (standard error the file that
 * MEASURE_ERRORS names, where it does), the working directory is FOLDER.
 * Prints "<nanoseconds> <peak resident KiB> <exit status>". It is as small as it can be, because
 * Linux counts what a process had resident before exec into its peak: a driver with an interpreter
 * inside would hide the program's own.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

int main(int count, char **arguments)
{
    const char *errors = getenv("MEASURE_ERRORS");
    posix_spawn_file_actions_t actions;
    struct timespec start, end;
    struct rusage usage;
    pid_t child;
    int status;

    if (count < 4 || chdir(arguments[2]) != 0)
        return 3;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, arguments[1], O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, errors ? errors : "/dev/null",
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    clock_gettime(CLOCK_MONOTONIC, &start);
    if (posix_spawnp(&child, arguments[3], &actions, NULL, arguments + 3, environ) != 0)
        return 3;
    if (wait4(child, &status, 0, &usage) != child)
        return 3;
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%lld %ld %d\n",
           (long long)(end.tv_sec - start.tv_sec) * 1000000000LL + (end.tv_nsec - start.tv_nsec),
           usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
