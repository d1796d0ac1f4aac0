# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What tests of signed modules share, on top of lib-doc.sh: what doc/packages.md says of them,
# done in $keys, where key and module are.

MODULE=/lib/modules/$(uname -r)/updates/sstp.ko

# guide PATTERN [COMMAND]: what the guide has there; of it those that match
guide()
{
	(cd "${keys:?}" && bash -ec "$(text packages "$1" | grep -E -e "${2:-.}")")
}

# sign PATTERN: as the guide has it there, the module as it was built
sign()
{
	cp "$KSSTP_BUILD/mod-$(uname -r)/updates/sstp.ko" "$keys/" &&
		guide "$1" && cp "$keys/sstp.ko" "$MODULE"
}
