// SPDX-License-Identifier: GPL-2.0-or-later
/* What packets about logins and about accounting have in common. */
#include "radiusd/radius_session.h"

#include <arpa/inet.h>
#include <stdio.h>

#define RADIUS_PORT_VIRTUAL	5

void radius_session_id(const struct radius_nas *nas, uint32_t id,
		       char text[static RADIUS_SESSION_ID_LEN + 1])
{
	snprintf(text, RADIUS_SESSION_ID_LEN + 1, "%08X%08X", nas->started, id);
}

void radius_station(const struct sockaddr_storage *ss, char text[static INET6_ADDRSTRLEN])
{
	if (ss->ss_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)ss)->sin_addr,
			  text, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6,
			  &((const struct sockaddr_in6 *)ss)->sin6_addr, text,
			  INET6_ADDRSTRLEN);
}

void radius_put_nas(struct wbuf *w, const struct radius_nas *nas)
{
	radius_put_str(w, RADIUS_NAS_IDENTIFIER, nas->conf->nas_identifier);
	if (nas->conf->nas_address.s_addr)
		radius_put_u32(w, RADIUS_NAS_IP_ADDRESS,
			       ntohl(nas->conf->nas_address.s_addr));
}

void radius_put_session(struct wbuf *w, const struct radius_nas *nas,
			       uint32_t id,
			       const struct sockaddr_storage *remote)
{
	char session[RADIUS_SESSION_ID_LEN + 1];
	char station[INET6_ADDRSTRLEN];

	radius_session_id(nas, id, session);
	radius_station(remote, station);
	radius_put_nas(w, nas);
	radius_put_u32(w, RADIUS_NAS_PORT, id);
	radius_put_u32(w, RADIUS_NAS_PORT_TYPE, RADIUS_PORT_VIRTUAL);
	radius_put_u32(w, RADIUS_SERVICE_TYPE, RADIUS_SERVICE_FRAMED);
	radius_put_u32(w, RADIUS_FRAMED_PROTOCOL, RADIUS_FRAMED_PPP);
	radius_put_str(w, RADIUS_CALLING_STATION_ID, station);
	radius_put_str(w, RADIUS_ACCT_SESSION_ID, session);
}
