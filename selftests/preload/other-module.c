// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A module of a later version: preloaded (LD_PRELOAD) into sstpd, it has the first
 * attribute of an answer with the value 1, as the version is, say 9.
 */
#include <dlfcn.h>
#include <stdint.h>

#include <netlink/attr.h>

uint32_t nla_get_u32(const struct nlattr *attr)
{
	uint32_t (*real)(const struct nlattr *attr) =
		(uint32_t (*)(const struct nlattr *))dlsym(RTLD_NEXT, "nla_get_u32");
	uint32_t value = real(attr);

	return nla_type(attr) == 1 && value == 1 ? 9 : value;
}
