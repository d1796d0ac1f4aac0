// SPDX-License-Identifier: GPL-2.0-or-later
/* An older kernel, preloaded (LD_PRELOAD) into sstpd, as Debian 12 calls the one it came with. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

int uname(struct utsname *name)
{
	memset(name, 0, sizeof(*name));
	snprintf(name->sysname, sizeof(name->sysname), "Linux");
	snprintf(name->release, sizeof(name->release), "6.1.0-50-amd64");
	snprintf(name->version, sizeof(name->version),
		 "#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-07-01)");
	return 0;
}
