// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/audit.h"

#include <arpa/inet.h>
#include <json-c/json.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "parent/control.h"
#include "parent/report.h"
#include "parent/totals.h"
#include "parent/tunnel.h"

static struct log_about audit_about(const struct entry *e, const char *reason)
{
	return (struct log_about){
		.session = e->id,
		.user = e->user,
		.peer = e->remote_text,
		.interface = e->up ? e->ifname : NULL,
		.reason = reason,
	};
}

/* What nobody hears need not be made. */
static struct json_object *audit_session(const struct entry *e)
{
	return control_is_heard() ? report_session(e) : NULL;
}

void audit_up(const struct entry *e)
{
	struct log_about about = audit_about(e, NULL);
	char addr[INET_ADDRSTRLEN] = "no IPv4";

	totals.established[e->kind]++;
	if (e->net.ipv4)
		inet_ntop(AF_INET, e->server ? &e->net.peer : &e->net.local,
			  addr, sizeof(addr));
	log_write(LOG_INFO, &about,
		  "session %u up: %s %s %s %s, %s on %s, MTU %u, %s, data path %s%s%s%s",
		  e->id, e->server ? "user" : "as", e->user,
		  e->server ? "from" : "to", e->remote_text, addr, e->ifname,
		  e->mtu, e->tls, report_path_name(e->kind), *e->why ? " (" : "",
		  e->why, *e->why ? ")" : "");
	control_event("session-up", audit_session(e), NULL, NULL);
}

void audit_joined(const struct entry *e, const struct entry *leader)
{
	struct log_about about = audit_about(e, NULL);

	log_write(LOG_INFO, &about,
		  "session %u has another connection, session %u, in slot %u of %u: %s %s %s %s, %s on %s",
		  leader->id, e->id, e->lane.number, e->slots, e->server ? "user" : "as",
		  e->user, e->server ? "from" : "to", e->remote_text, e->tls, e->ifname);
}

void audit_left(const struct entry *e, uint32_t leader, const char *why)
{
	struct log_about about = audit_about(e, NULL);

	log_write(LOG_INFO, &about,
		  "session %u has one connection less, session %u, in slot %u of %u: %s",
		  leader, e->id, e->lane.number, e->slots, why);
}

void audit_moved(const struct entry *e, const struct entry *old)
{
	struct log_about about = audit_about(e, NULL);

	log_write(LOG_INFO, &about,
		  "session %u goes on as session %u, over another connection: %s %s %s %s, %s",
		  old->id, e->id, e->server ? "user" : "as", e->user,
		  e->server ? "from" : "to", e->remote_text, e->tls);
	control_event("session-moved", audit_session(e), NULL, NULL);
}

void audit_addresses(const struct entry *e)
{
	control_event("session-addresses", audit_session(e), NULL, NULL);
}

void audit_ipv6(const struct entry *e)
{
	control_event("session-ipv6", audit_session(e), NULL, NULL);
}

static void audit_failed(const struct entry *e, enum reason reason,
			 const char *why)
{
	struct log_about about = audit_about(e, reason_name(reason));

	totals.failed[reason]++;
	/* It takes no password to cause one of these. */
	log_limited(LOG_INFO, &about,
		    "session %u not established: user %s %s %s: %s", e->id,
		    e->user, e->server ? "from" : "to", e->remote_text, why);
	control_event("session-failed", report_failed(e), reason_name(reason),
		      why);
}

void audit_end(const struct entry *e, enum reason reason, const char *why)
{
	struct log_about about = audit_about(e, reason_name(reason));
	uint64_t seconds = (loop_now_ms() - e->since_ms) / 1000;
	struct netcfg_counts counts;

	/* The session has not: only a connection that was its own. */
	if (e->moved)
		return;
	if ((unsigned int)reason >= REASON_COUNT)
		reason = REASON_INTERNAL;
	/* Once it has begun it is counted, before it ends. */
	if (!e->counted) {
		audit_failed(e, reason, why);
		return;
	}
	tunnel_counts(e, &counts);
	totals.ended[reason]++;
	totals.rx_bytes += counts.rx_bytes;
	totals.tx_bytes += counts.tx_bytes;
	log_write(LOG_INFO, &about,
		  "session %u end: user %s %s %s, %s, %u:%02u:%02u, %llu bytes received, %llu sent: %s",
		  e->id, e->user, e->server ? "from" : "to", e->remote_text,
		  e->ifname, (unsigned int)(seconds / 3600),
		  (unsigned int)(seconds / 60 % 60), (unsigned int)(seconds % 60),
		  (unsigned long long)counts.rx_bytes,
		  (unsigned long long)counts.tx_bytes, why);
	control_event("session-end", audit_session(e), reason_name(reason),
		      why);
}
