/*
 * cleanup: scope-bound release of what is not in an arena.
 *
 *	_cleanup_fd int fd = -1;		closed at the end of the scope, errno kept
 *	_cleanup_free char *line = NULL;	freed at the end of the scope
 *
 * To hand a descriptor or pointer on: `return cleanup_take_fd(&fd);`, `cleanup_take(&pointer)`.
 */
#ifndef CORDON_BASE_CLEANUP_H
#define CORDON_BASE_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_file(FILE **file)
{
	if (*file != NULL)
		fclose(*file);
}

static inline void cleanup_dir(DIR **dir)
{
	if (*dir != NULL)
		closedir(*dir);
}

static inline int cleanup_take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define cleanup_take(pointer)                                                                      \
	({                                                                                         \
		__auto_type taken_ = *(pointer);                                                   \
		*(pointer) = NULL;                                                                 \
		taken_;                                                                            \
	})

#define _cleanup_fd   __attribute__((cleanup(cleanup_close)))
#define _cleanup_free __attribute__((cleanup(cleanup_free)))
#define _cleanup_file __attribute__((cleanup(cleanup_file)))
#define _cleanup_dir  __attribute__((cleanup(cleanup_dir)))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
