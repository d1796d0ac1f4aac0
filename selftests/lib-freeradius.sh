# shellcheck shell=bash
# shellcheck disable=SC2154 # shares variables with lib-sstpd.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# FreeRADIUS in namespace A, at 127.0.0.1, on top of lib-sstpd.sh: passwords and
# EAP, with the certificates of make_eap_pki.

SECRET='sh4red Secret+of both'

# radius_files [EAP-TYPE]: a server with nothing in it but what is tested, and the
# users on stdin; it begins EAP with this type
radius_files()
{
	mkdir "$tmp/raddb"
	: >"$tmp/raddb/dictionary"
	cat >"$tmp/raddb/users"
	# Who has changed a password, and what its hash is now.
	printf '#!/bin/sh\necho "$1 $2" >>%s\necho done\n' "$tmp/changed" >"$tmp/raddb/passwd"
	chmod 755 "$tmp/raddb/passwd"
	install -m 600 /dev/null "$tmp/secret"
	printf '%s\n' "$SECRET" >"$tmp/secret"
	cat >"$tmp/raddb/radiusd.conf" <<-END
	name = freeradius
	raddbdir = $tmp/raddb
	logdir = $tmp
	run_dir = $tmp
	libdir = /usr/lib/freeradius
	log {
		auth = yes
	}
	client nas {
		ipaddr = 127.0.0.1
		secret = "$SECRET"
		require_message_authenticator = yes
	}
	modules {
		pap {
		}
		mschap {
			use_mppe = yes
			require_encryption = yes
			require_strong = yes
			passchange {
				local_cpw = "%{exec:$tmp/raddb/passwd %{User-Name} %{MS-CHAP-New-NT-Password}}"
			}
		}
		exec {
			wait = yes
			input_pairs = request
			shell_escape = yes
		}
		files {
			filename = $tmp/raddb/users
		}
		eap {
			default_eap_type = ${1:-tls}
			timer_expire = 60
			tls-config common {
				private_key_file = $tmp/radius.key
				certificate_file = $tmp/radius.pem
				ca_file = $tmp/users-ca.pem
				fragment_size = 600
				tls_min_version = "1.2"
				tls_max_version = "1.3"
			}
			tls {
				tls = common
			}
			peap {
				tls = common
				default_eap_type = mschapv2
				use_tunneled_reply = yes
				virtual_server = inner
			}
			mschapv2 {
			}
			md5 {
			}
		}
		detail {
			filename = $tmp/detail
			permissions = 0600
		}
	}
	server default {
		listen {
			type = auth
			ipaddr = 127.0.0.1
			port = 1812
		}
		listen {
			type = acct
			ipaddr = 127.0.0.1
			port = 1813
		}
		authorize {
			mschap
			eap {
				ok = return
			}
			files
			pap
		}
		authenticate {
			Auth-Type PAP {
				pap
			}
			Auth-Type MS-CHAP {
				mschap
			}
			eap
		}
		accounting {
			detail
		}
	}
	server inner {
		authorize {
			mschap
			eap {
				ok = return
			}
			files
		}
		authenticate {
			Auth-Type MS-CHAP {
				mschap
			}
			eap
		}
	}
	END
}

start_freeradius()
{
	ip netns exec "$A" freeradius -f -l stdout -xx -d "$tmp/raddb" \
		-n radiusd >"$tmp/freeradius.log" 2>&1 </dev/null &
	freeradius=$!
	at_exit kill -KILL "$freeradius"
	wait_for 'freeradius' grep -q 'Ready to process requests' \
		"$tmp/freeradius.log" || {
		tail -n 15 "$tmp/freeradius.log"
		bail 'freeradius does not start'
	}
}
