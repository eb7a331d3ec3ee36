/*
 * process: processes named by pid and start time, so that a pid that was given to another process
 * in the meantime is never signalled.
 */
#ifndef CORDON_CONTAINER_PROCESS_H
#define CORDON_CONTAINER_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* Field 22 of /proc/PID/stat (clock ticks after boot); 0 where there is no such process. */
uint64_t process_start_time(pid_t pid);

/* A pidfd of the process that had this pid and start time; -1 where it has ended. The pidfd is
 * opened before the start time is compared: what it means cannot change any more. */
int process_open(pid_t pid, uint64_t start_time);

/* A pidfd of the first child of a process, as long as it has not been reaped; -1 where there is
 * none. */
int process_open_first_child(pid_t pid);

/* Sends a signal if that process still lives. */
void process_kill(pid_t pid, uint64_t start_time, int signal);

#endif
