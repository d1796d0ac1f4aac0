/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the connections of each client of ours have in common (data/endpoint.h). */
#ifndef SSTPD_ENDPOINTS_H
#define SSTPD_ENDPOINTS_H

#include <stdint.h>

#include "data/endpoint.h"

/** endpoints_of() - that of this client, made up when it is asked for first */
const struct endpoint *endpoints_of(uint32_t client);
/** endpoints_resume() - its server has known it by that before */
void endpoints_resume(uint32_t client, const struct endpoint *endpoint);

#endif /* SSTPD_ENDPOINTS_H */
