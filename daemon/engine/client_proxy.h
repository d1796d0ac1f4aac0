/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client's way through an HTTP proxy: the CONNECT request in front of TLS. */
#ifndef SSTPD_CLIENT_PROXY_H
#define SSTPD_CLIENT_PROXY_H

#include "data/settings.h"

struct client_proxy;

/* @error: NULL = TLS may begin, else what the proxy said or did. */
typedef void (*client_proxy_cb)(void *ctx, const char *error);

/**
 * client_proxy_ask() - send the request and wait for its answer
 * @fd: connected to the proxy; stays the caller's
 * @cb: called once, from the event loop; it must free the request
 */
struct client_proxy *client_proxy_ask(int fd, const struct conf_client *conf,
				      client_proxy_cb cb, void *ctx);

/** client_proxy_free() - at any time; NULL is fine */
void client_proxy_free(struct client_proxy *p);

#endif /* SSTPD_CLIENT_PROXY_H */
