# SPDX-License-Identifier: GPL-2.0-or-later
# ksstp: `make help` lists the targets.

SAN    ?=
FUZZ   ?=
O      ?= build/$(if $(FUZZ),fuzz,host$(if $(SAN),-san))
KREL   ?= $(shell uname -r)
KDIR   ?= /lib/modules/$(KREL)/build

VERSION := $(shell sed -n 's/^.define SSTPD_VERSION[^"]*"\(.*\)"/\1/p' daemon/lib/version.h)

PREFIX     ?= /usr/local
SBINDIR    ?= $(PREFIX)/sbin
BINDIR     ?= $(PREFIX)/bin
DATADIR    ?= $(PREFIX)/share
MANDIR     ?= $(DATADIR)/man
DOCDIR     ?= $(DATADIR)/doc/ksstp
COMPDIR    ?= $(DATADIR)/bash-completion/completions
# systemd looks into both, but under no other prefix.
LIBDIR     ?= $(if $(filter /usr,$(PREFIX)),/usr/lib,/usr/local/lib)
UNITDIR    ?= $(LIBDIR)/systemd/system
SRCDIR     ?= /usr/src
NMLIBDIR   ?= $(PREFIX)/libexec/ksstp
NMVPNDIR   ?= /usr/lib/NetworkManager/VPN
DBUSDIR    ?= /usr/share/dbus-1/system.d
APPARMORDIR ?= /etc/apparmor.d
INSTALL    ?= install

PKGS   := openssl libnl-3.0 libnl-genl-3.0 libnl-route-3.0 libevent_core \
	  json-c inih libseccomp libcap-ng
PKG_CONFIG ?= pkg-config

# Our own check asks for WERROR=1; another compiler may warn of what ours does not.
WARN   := -Wall -Wextra $(if $(WERROR),-Werror) -Wstrict-prototypes -Wmissing-prototypes -Wvla
HARDEN := -fstack-protector-strong -fstack-clash-protection -fPIE
LDHARD := -pie -Wl,-z,relro,-z,now -Wl,--as-needed
ifneq ($(FUZZ),)
# libseccomp's macros leave fields out; clang minds, gcc does not.
CC     := clang
WARN   += -Wno-missing-field-initializers
HARDEN := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	  -fno-omit-frame-pointer
LDHARD := -fsanitize=fuzzer
else ifdef SAN
HARDEN += -fsanitize=address,undefined -fno-sanitize-recover=all \
	  -fno-omit-frame-pointer
else
HARDEN += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif

# On 32 bits, files are like on 64: a directory of a large file system cannot be read else.
LARGE  = $(eval LARGE := $$(if $$(shell $$(CC) -dM -E -x c /dev/null | \
	grep -w '__SIZEOF_POINTER__ 4'),-D_FILE_OFFSET_BITS=64))$(LARGE)

CFLAGS   ?= -O2 -g
# Where the tree lies is nobody's business, debug information's either.
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(LARGE) -Iuapi $(INCLUDE) $(WARN) $(HARDEN) \
	     -ffile-prefix-map=$(CURDIR)=. $(CFLAGS) $(PKG_CFLAGS) -MMD -MP
ALL_LDFLAGS = $(LDHARD) $(HARDEN) $(LDFLAGS)

# Asked for once, and only by the goals that compile userspace code. What is missing is
# said in one line, not by the compiler.
pkg_config = $(if $(shell $(PKG_CONFIG) --exists $2 2>/dev/null || echo missing),$(error \
	no development packages of $2: as root, scripts/deps $3 installs \
	what Debian calls them))$(shell $(PKG_CONFIG) $1 $2)
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(call pkg_config,--cflags,$$(PKGS),build))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $$(call pkg_config,--libs,$$(PKGS),build))$(PKG_LIBS)
NM_CFLAGS  = $(eval NM_CFLAGS := $$(call pkg_config,--cflags,$$(NM_PKG),nm))$(NM_CFLAGS)
NM_LIBS    = $(eval NM_LIBS := $$(call pkg_config,--libs,$$(NM_PKG),nm))$(NM_LIBS)
CMOCKA     = $(eval CMOCKA := $$(call pkg_config,--cflags,cmocka,test))$(CMOCKA)

# The service of NetworkManager: where libnm is, and only there.
NM_PKG    := libnm
HAVE_NM   := $(shell $(PKG_CONFIG) --exists $(NM_PKG) 2>/dev/null && echo yes)
NM_MAINS  := daemon/nm/nm_service.c daemon/nm/nm_auth_dialog.c
NM_SRCS   := daemon/nm/nm_files.c daemon/nm/nm_ip.c daemon/nm/nm_plugin.c \
	     daemon/nm/nm_tunnel.c
NM_OBJS   := $(if $(HAVE_NM),$(patsubst %.c,$(O)/%.o,$(NM_SRCS) $(NM_MAINS)))
NM_PAGE   := doc/nm-sstp-service.8
NM_PROGRAMS := $(O)/nm-sstp-service $(O)/nm-sstp-auth-dialog

# Everything but the mains, and that, goes into one archive: each program, and each
# unit test, then links exactly the objects it refers to.
MAINS     := daemon/sstpd.c daemon/ctl/sstpctl.c
LIB_SRCS  := $(filter-out $(MAINS) $(NM_MAINS) $(NM_SRCS),$(sort $(wildcard daemon/*/*.c)))
LIB       := $(O)/libsstpd.a
LIB_OBJS  := $(LIB_SRCS:%.c=$(O)/%.o)
PROGRAMS  := $(O)/sstpd $(O)/sstpctl
TESTS     := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/*/test_*.c)))
FUZZERS   := $(patsubst %.c,$(O)/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
REPLAYS   := $(FUZZERS:$(O)/tests/fuzz/fuzz_%=$(O)/tests/fuzz/replay_%)
# Whoever has not all of these engines does without; the test VM's root has them.
ENGINES   := gnutls wolfssl mbedtls
ENGINE_OBJS := $(ENGINES:%=$(O)/selftests/tls-engines/%.o)
ENGINE_HEADERS := $(wildcard $(addprefix /usr/include/,gnutls/gnutls.h wolfssl/ssl.h psa/crypto.h))
LEFT_OUT  := $(if $(wildcard /ksstp/kernels)$(word 3,$(ENGINE_HEADERS)),,selftests/tls-relay.c)
SELFTESTS := $(patsubst %.c,$(O)/%,$(sort $(filter-out $(LEFT_OUT),$(wildcard selftests/*.c))))
PRELOADS  := $(patsubst %.c,$(O)/%.so,$(sort $(wildcard selftests/preload/*.c)))
SELF_LIB  := $(O)/selftests/lib.a
SELF_OBJS := $(patsubst %.c,$(O)/%.o,$(sort $(wildcard selftests/lib/*.c)))
FRAME_OBJ := $(patsubst %.c,$(O)/%.o,$(wildcard kmod/frame.c))

.DEFAULT_GOAL := all
.PHONY: all daemon nm tests unit selftests module lint analyze analyzed \
	in-tree vm-build clean help \
	install install-daemon install-module install-source install-apparmor install-nm dist deb \
	apt-repo series \
	run check check-full quick fuzz fuzzers coverage bench bench-hw profile \
	profile-cache page regen FORCE

all: daemon module

daemon: $(PROGRAMS) $(if $(HAVE_NM),nm)

nm: $(NM_PROGRAMS)

tests: $(TESTS) $(REPLAYS)

# The programs too: what they print is compared with the manuals.
unit: tests daemon
	@scripts/units $(O)

selftests: $(SELFTESTS) $(PRELOADS)

$(O)/sstpd: $(O)/daemon/sstpd.o
$(O)/sstpctl: $(O)/daemon/ctl/sstpctl.o
$(PROGRAMS): $(LIB)
	@echo "  LD      $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(PKG_LIBS)

$(O)/nm-sstp-service: $(NM_SRCS:%.c=$(O)/%.o) $(O)/daemon/nm/nm_service.o
$(O)/nm-sstp-auth-dialog: $(O)/daemon/nm/nm_auth_dialog.o
$(NM_PROGRAMS): $(LIB)
	@echo "  LD      $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(PKG_LIBS) $(NM_LIBS)

$(TESTS): %: %.o $(FRAME_OBJ) $(LIB)
	@echo "  LD      $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka

$(O)/tests/fuzz/fuzz_%: $(O)/tests/fuzz/fuzz_%.o $(FRAME_OBJ) $(LIB)
	@echo "  LD      $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(O)/tests/fuzz/replay_%: $(O)/tests/fuzz/fuzz_%.o $(O)/tests/fuzz/replay.o \
		$(FRAME_OBJ) $(LIB)
	@echo "  LD      $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(O)/selftests/%: $(O)/selftests/%.o $(SELF_LIB)
	@echo "  LD      $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) $(SELF_LIBS) -lpthread

$(O)/selftests/tls-relay: $(ENGINE_OBJS)
$(O)/selftests/tls-relay: SELF_LIBS = -lgnutls -lwolfssl -lmbedtls -lmbedx509 -lmbedcrypto

# What tests slip under the programs of others, and ours (LD_PRELOAD).
$(O)/selftests/preload/%.so: selftests/preload/%.c Makefile
	@echo "  LD      $@"
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -D_GNU_SOURCE -Idaemon -Iuapi $(WARN) $(CFLAGS) $(PKG_CFLAGS) \
		-MMD -MP -MF $@.d -shared -fPIC -o $@ $< -ldl

$(LIB) $(SELF_LIB): %.a: %.list
	@echo "  AR      $@"
	@rm -f $@
	@$(AR) rcs $@ $$(cat $<)

$(LIB): OBJS := $(LIB_OBJS)
$(LIB): $(LIB_OBJS)
$(SELF_LIB): OBJS := $(SELF_OBJS)
$(SELF_LIB): $(SELF_OBJS)

# For scripts/fuzz, which sets FUZZ=1: clang, with coverage and sanitizers.
fuzzers: $(FUZZERS)

# Rewritten only when the list changes: a deleted source leaves the archive.
$(O)/%.list: FORCE
	@mkdir -p $(@D)
	@echo '$(OBJS)' | cmp -s - $@ || echo '$(OBJS)' >$@

$(O)/%.o: INCLUDE = -Idaemon
$(O)/tests/%.o $(O)/kmod/%.o: INCLUDE = -Idaemon -Itests -Ikmod
$(TESTS:%=%.o): INCLUDE = -Idaemon -Itests -Ikmod $(CMOCKA)
$(O)/selftests/%.o: INCLUDE = -Iselftests/lib -Ikmod
$(NM_OBJS): INCLUDE = -Idaemon $(NM_CFLAGS) -DSSTPD_PROGRAM='"$(SBINDIR)/sstpd"'

$(O)/%.o: %.c Makefile
	@echo "  CC      $@"
	@mkdir -p $(@D)
	@$(CC) $(ALL_CFLAGS) -c -o $@ $<

.SECONDARY:
-include $(shell find $(O) -name '*.d' 2>/dev/null)

# kbuild writes beside its sources. A directory of links per kernel lets
# several kernels be built side by side and keeps the tree clean.
MOD := $(O)/mod-$(KREL)
MOD_SRCS := $(shell find Kbuild kmod uapi -type f 2>/dev/null)

module: $(MOD)/sstp.ko

# With KFLAGS (say W=1, C=2) the point is to see what they report: no short cut.
$(MOD)/sstp.ko: $(MOD_SRCS) $(if $(KFLAGS),FORCE)
	@test -e $(KDIR)/Makefile || { echo "make module: no kernel headers in" \
		"$(KDIR): as root, apt-get install linux-headers-$(KREL);" \
		"or set KDIR=, or build the daemon alone: make daemon" >&2; exit 1; }
	@mkdir -p $(MOD)
	@cp -rsf $(CURDIR)/Kbuild $(CURDIR)/kmod $(CURDIR)/uapi $(MOD)/
	@find $(MOD) -xtype l -delete
	@$(MAKE) --no-print-directory -C $(KDIR) M=$(abspath $(MOD)) \
		SSTP_VERSION=$(VERSION) $(KFLAGS) modules
	@touch $@

# kbuild has an O= of its own: what was given here must not reach it.
MAKEOVERRIDES =

# Debian's headers of kernel 7 lack the script that looks for sparse, and its sparse
# does not know what they are written in: __typeof_unqual__, and an assertion in
# MODULE_*(). With typeof instead, get_unaligned() of a const pointer is reported.
SPARSE := sparse -D__typeof_unqual__=__typeof__
SPARSE_OLD := bad constant expression$$|incorrect type in argument 1 .different modifiers.$$

# In a directory of its own: other flags mean building all of it again.
lint:
	@$(MAKE) --no-print-directory O=$(O)/lint KREL=$(KREL) KDIR=$(KDIR) \
		KFLAGS='W=1 C=2 KBUILD_CHECKSRC=2 CHECK="$(SPARSE)"' \
		module >$(O)/lint.log 2>&1 || { cat $(O)/lint.log; exit 1; }
	@old='^$$'; ! grep -q 'not up to date' $(O)/lint.log || old='$(SPARSE_OLD)'; \
		! grep -E 'warning:|error:' $(O)/lint.log | grep -vE "$$old"

# The compiler follows every path through the daemon. What it finds is an error;
# one that is none gets a comment where it stands. Of the compiler's versions, the
# one in the test VM's root counts.
analyze:
	@$(MAKE) --no-print-directory O=$(O)/analyze CFLAGS='-O1 -fanalyzer' analyzed

analyzed: $(LIB_OBJS) $(NM_OBJS) $(MAINS:%.c=$(O)/%.o)

# Daemon, tests and module for every kernel of the test VM, built in its root.
vm-build:
	selftests/vm/run --build

install: install-daemon $(if $(wildcard $(KDIR)),install-module)

install-daemon: daemon
	@$(INSTALL) -D -v -m 755 $(O)/sstpd $(DESTDIR)$(SBINDIR)/sstpd
	@$(INSTALL) -D -v -m 755 $(O)/sstpctl $(DESTDIR)$(BINDIR)/sstpctl
	@for page in $(filter-out $(NM_PAGE),$(wildcard doc/*.[1-9])); do \
		$(INSTALL) -D -v -m 644 $$page \
		$(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}; done
	@for f in $(wildcard doc/*.md examples/*); do \
		$(INSTALL) -D -v -m $$([ -x $$f ] && echo 755 || echo 644) \
		$$f $(DESTDIR)$(DOCDIR)/$$f; done
	@for name in sstpd sstpctl; do $(INSTALL) -D -v -m 644 completion/sstp \
		$(DESTDIR)$(COMPDIR)/$$name; done
	@for unit in sstpd sstpd@; do \
		mkdir -p $(DESTDIR)$(UNITDIR) && \
		sed 's|@SBINDIR@|$(SBINDIR)|' systemd/$$unit.service.in systemd/service.part \
		>$(DESTDIR)$(UNITDIR)/$$unit.service; done
	@sed 's|@BINDIR@|$(BINDIR)|' systemd/sstpd-metrics.service.in \
		>$(DESTDIR)$(UNITDIR)/sstpd-metrics.service
	@for kind in sysusers tmpfiles; do \
		$(INSTALL) -D -v -m 644 systemd/sstpd.$$kind \
		$(DESTDIR)$(LIBDIR)/$$kind.d/sstpd.conf; done

# Not by `make install` either: NetworkManager takes it in place of network-manager-sstp.
# These directories are those that NetworkManager and the bus look into.
install-nm: nm
	@for program in $(NM_PROGRAMS); do \
		$(INSTALL) -D -v -m 755 $$program $(DESTDIR)$(NMLIBDIR)/$${program##*/}; done
	@mkdir -p $(DESTDIR)$(NMVPNDIR)
	@sed 's|@LIBEXECDIR@|$(NMLIBDIR)|' daemon/nm/nm-ksstp-service.name.in \
		>$(DESTDIR)$(NMVPNDIR)/nm-ksstp-service.name
	@$(INSTALL) -D -v -m 644 daemon/nm/nm-ksstp-service.conf \
		$(DESTDIR)$(DBUSDIR)/nm-ksstp-service.conf
	@$(INSTALL) -D -v -m 644 $(NM_PAGE) $(DESTDIR)$(MANDIR)/man8/$(notdir $(NM_PAGE))

# Not by `make install`: the file alone changes nothing, and whoever loads it
# should mean to.
install-apparmor:
	@mkdir -p $(DESTDIR)$(APPARMORDIR)
	@sed 's|@SBINDIR@|$(SBINDIR)|' apparmor/sstpd.in >$(DESTDIR)$(APPARMORDIR)/sstpd

install-module: module
	@$(INSTALL) -D -v -m 644 $(MOD)/sstp.ko \
		$(DESTDIR)/lib/modules/$(KREL)/updates/sstp.ko
	@test -n "$(DESTDIR)" || depmod $(KREL)

# What DKMS builds from: the module alone.
SOURCE := $(DESTDIR)$(SRCDIR)/sstp-$(VERSION)
install-source:
	@for f in Kbuild $(filter-out %/dkms.conf,$(shell find kmod uapi -type f)); do \
		mode=644; test ! -x $$f || mode=755; \
		$(INSTALL) -D -m $$mode $$f $(SOURCE)/$$f || exit; done
	@sed 's/#MODULE_VERSION#/$(VERSION)/' kmod/dkms.conf >$(SOURCE)/dkms.conf
	@echo "$(SOURCE)"

# From the commit, not from the working tree; its time is that of all files. What it
# consists of goes with it.
dist:
	@mkdir -p build
	@scripts/sbom >build/ksstp.spdx
	@git archive --format=tar --prefix=ksstp-$(VERSION)/ --add-file=build/ksstp.spdx HEAD | \
		gzip -9n >build/ksstp-$(VERSION).tar.gz
	@sha256sum build/ksstp-$(VERSION).tar.gz

deb:
	scripts/deb

apt-repo:
	scripts/apt-repo

# The patches that put the module into a kernel tree: TREE=, a clone or unpacked source.
series:
	scripts/series $(or $(TREE),$(error make series TREE=KERNEL-TREE))

# The module's sources as a kernel tree would have them, against its headers:
# no compat layer, and no flag of ours.
in-tree:
	scripts/in-tree $(KDIR) $(O)/in-tree-$(KREL)

page:
	scripts/page doc

run check coverage bench bench-hw profile:
	scripts/$@

# The kernel data path both ways, within its limit; TUN, and what they are built on.
profile-cache:
	for path in kernel 'kernel -r' tun raw-ktls; do \
		echo "== $$path"; case $$path in kernel*) max=32;; *) max=; esac; \
		L2_MAX=$$max scripts/profile --cache -p $$path || exit 1; done

check-full:
	scripts/check guest daemon interop units lint module page kin kernel \
		reproducible packages cross configs series fuzz debug endure fresh

quick:
	scripts/check quick

# SECONDS means something to bash: it goes there as an argument.
fuzz: SECONDS ?= 60
fuzz:
	scripts/fuzz $(SECONDS) $(TARGET)

regen:
	scripts/regen

# The guest root takes minutes to build: `make clean` keeps it.
clean:
	@for d in build/*; do case $$d in build/vm) ;; *) rm -rf "$$d";; esac; done

help:
	@echo 'make            daemon and module, for the running kernel'
	@echo 'make run        bring up a server and a client, move traffic, show the rates;'
	@echo '                KEEP=1 leaves the tunnel up for a look around; WHERE=arm64 or'
	@echo '                WHERE=s390x does it on such a machine, in a VM'
	@echo 'make check      all tests: host units, guest tests on each kernel, interop'
	@echo 'make quick      what a change most likely breaks, on one kernel, in a few minutes'
	@echo 'make check-full the same as check, and fuzzing, and the guest tests on debug kernels'
	@echo 'make page       the status page in Chromium, top in a terminal, with new pictures of'
	@echo '                them, and of make run, for the README'
	@echo 'make coverage   lines of the module that the guest tests reach, on a debug kernel'
	@echo 'make fuzz       each parser against mutated input, SECONDS=60 each; TARGET=http_request'
	@echo 'make bench      throughput and latency beside other VPNs, on the instruction clock,'
	@echo '                to build/bench.json, with charts; CASE=latency does one case'
	@echo 'make bench-hw   the same without a VM, by the wall clock of this machine'
	@echo 'make profile    where the instructions of the data path go, by function;'
	@echo '                profile-cache: what a model of caches misses there'
	@echo 'make daemon     sstpd and sstpctl into O=$(O); SAN=1 adds ASan and UBSan;'
	@echo '                WERROR=1 makes a warning an error, here and in the module'
	@echo 'make tests      unit tests into O=$(O)/tests'
	@echo 'make unit       build them and run them'
	@echo 'make selftests  helper programs of the guest tests into O=$(O)/selftests'
	@echo 'make module     sstp.ko for KDIR=$(KDIR)'
	@echo 'make lint       the module with W=1 and sparse, where a warning is an error'
	@echo 'make analyze    the daemon by gcc -fanalyzer; scripts/lint has the other checkers'
	@echo 'make vm-build   all of it for every kernel of the test VM'
	@echo 'make in-tree    the module as part of a kernel tree, without compat layer'
	@echo 'make install    install-daemon and, with kernel headers, install-module;'
	@echo '                install-source for DKMS, install-apparmor for the profile;'
	@echo '                install-nm for NetworkManager, where libnm-dev is;'
	@echo '                DESTDIR= PREFIX=$(PREFIX) and the like'
	@echo 'make dist       source tarball of the commit, into build/'
	@echo 'make deb        Debian packages, in clean chroots, into build/deb'
	@echo 'make apt-repo   a signed repository of them, in build/apt; KEY= URI=, see doc/packages.md'
	@echo 'make series     patches for a kernel tree, TREE=, with a cover letter, into build/series'
	@echo 'make regen      regenerate what uapi/sstp.yaml defines'
	@echo 'make clean      remove build outputs (not the guest root in build/vm)'
