#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The daemon's package under AppArmor: what autopkgtest runs, debian/tests/apparmor,
# here with the module of the tree instead of DKMS's. `make deb` builds the
# package. For the test VM only: what it installs stays.
set -euo pipefail
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
tree=$(cd "$(dirname "$0")/.." && pwd)
export DEBIAN_FRONTEND=noninteractive PATIENCE=90 PATH=/usr/sbin:/usr/bin:/sbin:/bin
mountpoint -q /sys/kernel/security ||
	mount -t securityfs securityfs /sys/kernel/security
dpkg -i "$tree"/build/deb/trixie/sstpd_*.deb >/dev/null || {
	echo 'Bail out! the package does not install; make deb builds it'
	exit 1
}
exec "$tree/debian/tests/apparmor"
