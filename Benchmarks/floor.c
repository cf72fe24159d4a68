/* What no hook on libgit2 can be faster than: initialise it, open the repository, read one ref. */
#include <git2.h>
#include <stdlib.h>

int main(void)
{
    git_repository *repository = NULL;
    git_oid tip;
    const char *folder = getenv("GIT_DIR");

    if (!folder || git_libgit2_init() < 0)
        return 3;
    if (git_repository_open(&repository, folder) < 0)
        return 3;
    if (git_reference_name_to_id(&tip, repository, "refs/heads/master") < 0)
        return 3;
    git_repository_free(repository);
    git_libgit2_shutdown();
    return 0;
}
