// SPDX-License-Identifier: GPL-2.0-or-later
/* The users file. */
#include "auth/userdb.h"
#include "fuzz.h"

static void on_report(void *ctx, const char *line)
{
	unsigned int *complaints = ctx;

	FUZZ_CHECK(!strncmp(line, "users:", 6));
	++*complaints;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mschap *mschap;
	const struct userdb_user *user;
	unsigned int complaints = 0;
	struct userdb *db;
	FILE *in;

	if (!mschap)
		mschap = mschap_new();
	if (!mschap)
		abort();
	if (!size)
		return 0;
	in = fmemopen((void *)(uintptr_t)data, size, "r");
	db = userdb_load(in, "users", false, mschap, on_report, &complaints);
	fclose(in);
	FUZZ_CHECK(!db == !!complaints);
	if (!db)
		return 0;
	user = userdb_find(db, "CORP\\alice");
	if (user)
		FUZZ_CHECK(!strcmp(user->name, "alice") ||
			   !strcmp(user->name, "CORP\\alice"));
	userdb_free(db);
	return 0;
}
