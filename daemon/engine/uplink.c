// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/uplink.h"

#include "boundary/msg.h"
#include "boundary/proc.h"

static struct {
	struct imsg_chan *parent;
	void (*quiet)(void);
} uplink;

void uplink_open(imsg_cb cb, void (*quiet)(void))
{
	uplink.quiet = quiet;
	uplink.parent = imsg_open(PROC_CHANNEL_FD, msg_rules, MSG_TYPES,
				  MSG_PARENT, cb, NULL);
}

void uplink_tell(uint32_t type, const void *body)
{
	imsg_send(uplink.parent, type, body, -1);
}

void uplink_tell_fd(uint32_t type, const void *body, int fd)
{
	imsg_send(uplink.parent, type, body, fd);
}

void uplink_flush(void)
{
	imsg_flush(uplink.parent);
}

void uplink_quiet(void)
{
	uplink.quiet();
}
