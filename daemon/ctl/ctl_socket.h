/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which daemon is asked. That of sstpd.service has the socket control.sock, those of
 * sstpd@NAME.service have NAME.sock, all in one directory. Where nothing is said the first
 * is meant, and if it does not run the only other one that does.
 */
#ifndef SSTPD_CTL_SOCKET_H
#define SSTPD_CTL_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#define CTL_SOCKETS_DIR	"/run/sstpd"
#define CTL_SOCKET_MAIN	"control"

/** ctl_socket_dial() - Return: a connection to @path, or -1 with @why */
int ctl_socket_dial(const char *path, char *why, size_t size);

/** ctl_socket_find() - Return: a connection to the one that is meant, or -1 with @why */
int ctl_socket_find(const char *dir, char *why, size_t size);

/** ctl_socket_of() - the socket of instance @name; false if none can have that name */
bool ctl_socket_of(const char *dir, const char *name, char *path, size_t size);

#endif /* SSTPD_CTL_SOCKET_H */
