/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The directories that decide what a path leads to: the one it ends in, and each one with
 * a symbolic link on the way. A file that is replaced, or a link that is turned to another
 * place (what certbot does in live/, and Kubernetes with the directory of a secret), is an
 * event in one of them.
 */
#ifndef SSTPD_PATH_WATCH_H
#define SSTPD_PATH_WATCH_H

#include <stdbool.h>

/** path_watch_open() - an inotify descriptor that watches nothing yet; -1 with errno */
int path_watch_open(void);

/**
 * path_watch() - have events on @fd when @path may lead to another file, or other bytes
 *
 * As the links are now: after an event this has to be asked for again.
 *
 * Return: false with errno if the kernel does not take it (fs.inotify.max_user_watches).
 */
bool path_watch(int fd, const char *path);

/** path_watch_drain() - read and forget all events that there are */
void path_watch_drain(int fd);

#endif /* SSTPD_PATH_WATCH_H */
