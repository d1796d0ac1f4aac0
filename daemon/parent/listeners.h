/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sockets of the server: of each address one for each engine, among which the kernel
 * spreads the connections. They are opened here and kept: nobody else can have the port
 * while an engine is replaced.
 *
 * A set of addresses and a number of engines is planned, which can fail, and then in
 * force; what both sets have stays open, with the connections that wait in it.
 */
#ifndef SSTPD_LISTENERS_H
#define SSTPD_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "parent/children.h"

/**
 * listeners_plan() - open what @conf has and the set in force has not
 * @file: of the configuration, for errors
 *
 * Return: true; or false with the reason in @err, and nothing has changed.
 */
bool listeners_plan(const struct conf *conf, const char *file, char *err, size_t err_len);
/** listeners_drop() - the plan is not to be */
void listeners_drop(void);
/**
 * listeners_enforce() - the plan is in force; what it has not is closed
 * @engines: @n of them, which are told what is closed; not what is new
 */
void listeners_enforce(const struct child *engines, uint32_t n);

/**
 * listeners_give() - tell an engine all that it is to listen on, also once more
 *
 * Return: false with the reason in @err if that cannot be just now.
 */
bool listeners_give(const struct child *engine, char *err, size_t err_len);
/** listeners_deafen() - nobody takes the connections of @engine: refuse them */
void listeners_deafen(const struct child *engine);
/** listeners_close() - the engines stop to listen, so does the parent */
void listeners_close(void);

#endif /* SSTPD_LISTENERS_H */
