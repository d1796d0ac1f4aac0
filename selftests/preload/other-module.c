// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A module of another version, preloaded (LD_PRELOAD) into sstpd: the first attribute of
 * an answer with the value 1, as the version is, says 9. With OTHER_MODULE=mru it is ours,
 * but an MRU of 68 to 4087 is what it refuses: it gets one of 1.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/attr.h>

#include <linux/sstp.h>

static bool refuses_mru(void)
{
	const char *how = getenv("OTHER_MODULE");

	return how && !strcmp(how, "mru");
}

uint32_t nla_get_u32(const struct nlattr *attr)
{
	uint32_t (*real)(const struct nlattr *attr) =
		(uint32_t (*)(const struct nlattr *))dlsym(RTLD_NEXT, "nla_get_u32");
	uint32_t value = real(attr);

	return !refuses_mru() && nla_type(attr) == 1 && value == 1 ? 9 : value;
}

int nla_put_u32(struct nl_msg *msg, int type, uint32_t value)
{
	int (*real)(struct nl_msg *msg, int type, uint32_t value) =
		(int (*)(struct nl_msg *, int, uint32_t))dlsym(RTLD_NEXT, "nla_put_u32");

	return real(msg, type, refuses_mru() && type == SSTP_A_SESSION_PEER_MRU ? 1 : value);
}
