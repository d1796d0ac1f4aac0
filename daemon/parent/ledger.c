// SPDX-License-Identifier: GPL-2.0-or-later
#include "parent/ledger.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "lib/log.h"
#include "lib/loop.h"
#include "parent/store.h"

/* @since_ms: when it happened, on the monotonic clock; @slot: see ledger_send() */
struct ledger_record {
	STAILQ_ENTRY(ledger_record) next;
	uint64_t since_ms;
	uint32_t slot;
	struct msg_acct acct;
};

static STAILQ_HEAD(, ledger_record) ledger = STAILQ_HEAD_INITIALIZER(ledger);
static unsigned int ledger_count;

static bool ledger_keep(const struct msg_acct *acct, uint32_t slot)
{
	struct ledger_record *record;

	if (ledger_count == LEDGER_MAX)
		return false;
	record = malloc(sizeof(*record));
	if (!record)
		return false;
	record->since_ms = loop_now_ms();
	record->slot = slot;
	record->acct = *acct;
	STAILQ_INSERT_TAIL(&ledger, record, next);
	ledger_count++;
	return true;
}

static void ledger_lost(const struct msg_acct *acct)
{
	log_err("accounting record lost: nobody is there to take it, and too many wait: session %u of user %s, %u s, %llu bytes in, %llu bytes out",
		acct->id, acct->user, acct->seconds, (unsigned long long)acct->in_bytes,
		(unsigned long long)acct->out_bytes);
}

void ledger_send(const struct child *radius, const struct msg_acct *acct, uint32_t slot)
{
	bool kept = acct->kind != MSG_ACCT_INTERIM && ledger_keep(acct, slot);

	if (!kept)
		store_release(slot);
	if (!kept && acct->kind != MSG_ACCT_INTERIM && !radius->chan)
		ledger_lost(acct);
	child_tell(radius, MSG_ACCT, acct, -1);
}

/* They are taken in order: it is the first one, but of those that were too many. */
void ledger_taken(const struct msg_acct_taken *m)
{
	struct ledger_record *record;

	STAILQ_FOREACH(record, &ledger, next)
		if (record->acct.id == m->id && record->acct.kind == m->kind)
			break;
	if (!record)
		return;
	STAILQ_REMOVE(&ledger, record, ledger_record, next);
	store_release(record->slot);
	ledger_count--;
	free(record);
}

void ledger_again(const struct child *radius)
{
	struct ledger_record *record;
	uint64_t now = loop_now_ms();

	STAILQ_FOREACH(record, &ledger, next) {
		record->acct.late = (uint32_t)((now - record->since_ms) / 1000);
		child_tell(radius, MSG_ACCT, &record->acct, -1);
	}
}

void ledger_exit(bool followed)
{
	struct ledger_record *record;
	unsigned int lost = 0;

	while ((record = STAILQ_FIRST(&ledger))) {
		lost += !followed || !record->slot;
		STAILQ_REMOVE_HEAD(&ledger, next);
		free(record);
	}
	ledger_count = 0;
	if (lost)
		log_err("%u accounting records lost: nobody has taken them", lost);
}
