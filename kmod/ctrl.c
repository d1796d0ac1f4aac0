// SPDX-License-Identifier: GPL-2.0-only
/*
 * The session fd: packets that are the owner's business, both ways. The
 * interface is described in <linux/if_sstp.h>.
 */
#include "ctrl.h"

#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/skbuff.h>
#include <linux/uaccess.h>

#include <linux/if_sstp.h>
#include <linux/sstp.h>

#include "frame.h"
#include "session.h"

/*
 * Packets that may wait in either direction. A peer that sends so many before
 * the owner has read one is broken or hostile: PPP and SSTP control packets are
 * answers, or come seconds apart.
 */
#define SSTP_CTRL_QUEUE		64

/**
 * sstp_ctrl_init - no fd yet
 * @s: the session
 * @released: called when the fd is closed for good, from process context
 */
void sstp_ctrl_init(struct sstp_session *s,
		    void (*released)(struct sstp_session *s))
{
	struct sstp_ctrl *c = &s->ctrl;

	c->released = released;
	spin_lock_init(&c->lock);
	init_waitqueue_head(&c->wait);
	__skb_queue_head_init(&c->rx);
	__skb_queue_head_init(&c->tx);
}

/**
 * sstp_ctrl_close - the session is ending
 * @s: the session
 *
 * What was received stays readable; nothing more is queued, no work kicked.
 */
void sstp_ctrl_close(struct sstp_session *s)
{
	struct sstp_ctrl *c = &s->ctrl;

	spin_lock_bh(&c->lock);
	WRITE_ONCE(c->closed, true); /* who waits looks without the lock */
	spin_unlock_bh(&c->lock);
	wake_up_all(&c->wait);
}

void sstp_ctrl_free(struct sstp_session *s)
{
	__skb_queue_purge(&s->ctrl.rx);
	__skb_queue_purge(&s->ctrl.tx);
}

/**
 * sstp_ctrl_rx - pass something to the owner
 * @s: the session
 * @type: enum sstp_fd_type
 * @detail: goes with @type
 * @body: what follows the header
 * @len: bytes of @body, at most SSTP_FD_PACKET_MAX
 *
 * Context: process.
 * Return: 0, -ENOBUFS when the owner does not keep up, -ENOMEM.
 */
int sstp_ctrl_rx(struct sstp_session *s, u16 type, u32 detail, const u8 *body,
		 unsigned int len)
{
	struct sstp_fd_hdr hdr = { .type = type, .detail = detail };
	struct sstp_ctrl *c = &s->ctrl;
	struct sk_buff *skb;
	int err = 0;

	skb = alloc_skb(sizeof(hdr) + len, GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (!skb)
		return -ENOMEM;
	skb_put_data(skb, &hdr, sizeof(hdr));
	skb_put_data(skb, body, len);

	spin_lock_bh(&c->lock);
	if (skb_queue_len(&c->rx) >= SSTP_CTRL_QUEUE)
		err = -ENOBUFS;
	else
		__skb_queue_tail(&c->rx, skb);
	spin_unlock_bh(&c->lock);

	if (err)
		kfree_skb(skb);
	else
		wake_up_interruptible_poll(&c->wait, EPOLLIN | EPOLLRDNORM);
	return err;
}

/**
 * sstp_ctrl_tx_next - the owner's next packet
 * @s: the session
 * @room: bytes there are for it
 *
 * Return: the packet, now the caller's, or NULL if there is none or no room.
 */
struct sk_buff *sstp_ctrl_tx_next(struct sstp_session *s, unsigned int room)
{
	struct sstp_ctrl *c = &s->ctrl;
	struct sk_buff *skb;

	if (skb_queue_empty_lockless(&c->tx))
		return NULL;

	spin_lock_bh(&c->lock);
	skb = skb_peek(&c->tx);
	if (skb && skb->len > room)
		skb = NULL;
	if (skb)
		__skb_unlink(skb, &c->tx);
	spin_unlock_bh(&c->lock);

	if (skb)
		wake_up_interruptible_poll(&c->wait, EPOLLOUT | EPOLLWRNORM);
	return skb;
}

/* The end is a message that is never queued, so it needs no memory. */
static ssize_t sstp_ctrl_read_end(struct sstp_session *s, struct iov_iter *to)
{
	struct sstp_fd_hdr hdr = {
		.type = SSTP_FD_TYPE_END,
		.reason = sstp_session_end_reason(s),
		.detail = sstp_session_end_detail(s),
	};
	struct sstp_ctrl *c = &s->ctrl;
	ssize_t ret = sizeof(hdr);

	spin_lock_bh(&c->lock);
	if (c->end_read)
		ret = 0;
	else if (iov_iter_count(to) < sizeof(hdr))
		ret = -EMSGSIZE;
	else
		c->end_read = true;
	spin_unlock_bh(&c->lock);

	if (ret > 0 && copy_to_iter(&hdr, sizeof(hdr), to) != sizeof(hdr))
		return -EFAULT;
	return ret;
}

static ssize_t sstp_ctrl_read_skb(struct sk_buff *skb, struct iov_iter *to)
{
	ssize_t ret = skb->len;

	if (copy_to_iter(skb->data, skb->len, to) != skb->len)
		ret = -EFAULT;
	consume_skb(skb);
	return ret;
}

static bool sstp_ctrl_readable(struct sstp_ctrl *c)
{
	return !skb_queue_empty_lockless(&c->rx) || READ_ONCE(c->closed);
}

static ssize_t sstp_ctrl_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct sstp_session *s = iocb->ki_filp->private_data;
	struct sstp_ctrl *c = &s->ctrl;
	struct sk_buff *skb;
	bool closed;
	int err;

	for (;;) {
		spin_lock_bh(&c->lock);
		closed = c->closed;
		skb = skb_peek(&c->rx);
		if (skb && skb->len > iov_iter_count(to)) {
			spin_unlock_bh(&c->lock);
			return -EMSGSIZE;
		}
		if (skb)
			__skb_unlink(skb, &c->rx);
		spin_unlock_bh(&c->lock);

		if (skb)
			return sstp_ctrl_read_skb(skb, to);
		if (closed)
			return sstp_ctrl_read_end(s, to);
		if (iocb->ki_filp->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(c->wait, sstp_ctrl_readable(c));
		if (err)
			return err;
	}
}

static bool sstp_ctrl_writable(struct sstp_ctrl *c)
{
	return skb_queue_len_lockless(&c->tx) < SSTP_CTRL_QUEUE ||
	       READ_ONCE(c->closed);
}

/* Return: the packet, or an ERR_PTR if what was written is not one packet. */
static struct sk_buff *sstp_ctrl_packet(struct iov_iter *from)
{
	size_t len = iov_iter_count(from);
	struct sstp_frame f;
	struct sk_buff *skb;

	if (len < SSTP_HLEN || len > SSTP_MAX_LEN)
		return ERR_PTR(-EINVAL);

	skb = alloc_skb(len, GFP_KERNEL_ACCOUNT);
	if (!skb)
		return ERR_PTR(-ENOMEM);
	if (!copy_from_iter_full(skb_put(skb, len), len, from)) {
		kfree_skb(skb);
		return ERR_PTR(-EFAULT);
	}

	/* IP goes through the device; anything else is the owner's to send. */
	f = sstp_frame_parse(skb->data, len);
	if (f.kind != SSTP_FRAME_OWNER || f.len != len) {
		kfree_skb(skb);
		return ERR_PTR(-EINVAL);
	}
	return skb;
}

static int sstp_ctrl_queue(struct sstp_session *s, struct sk_buff *skb)
{
	struct sstp_ctrl *c = &s->ctrl;
	int err = 0;

	spin_lock_bh(&c->lock);
	if (c->closed) {
		err = -EPIPE;
	} else if (skb_queue_len(&c->tx) >= SSTP_CTRL_QUEUE) {
		err = -EAGAIN;
	} else {
		__skb_queue_tail(&c->tx, skb);
		sstp_turn_now(&s->tx_turn);
	}
	spin_unlock_bh(&c->lock);
	return err;
}

static ssize_t sstp_ctrl_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct sstp_session *s = iocb->ki_filp->private_data;
	struct sstp_ctrl *c = &s->ctrl;
	struct sk_buff *skb;
	ssize_t len;
	int err;

	skb = sstp_ctrl_packet(from);
	if (IS_ERR(skb))
		return PTR_ERR(skb);
	len = skb->len;

	while ((err = sstp_ctrl_queue(s, skb)) == -EAGAIN) {
		if (iocb->ki_filp->f_flags & O_NONBLOCK)
			break;
		err = wait_event_interruptible(c->wait, sstp_ctrl_writable(c));
		if (err)
			break;
	}
	if (err) {
		kfree_skb(skb);
		return err;
	}
	return len;
}

static __poll_t sstp_ctrl_poll(struct file *file, poll_table *wait)
{
	struct sstp_session *s = file->private_data;
	struct sstp_ctrl *c = &s->ctrl;
	__poll_t mask = 0;

	poll_wait(file, &c->wait, wait);

	spin_lock_bh(&c->lock);
	if (!skb_queue_empty(&c->rx) || c->closed)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (!c->closed && skb_queue_len(&c->tx) < SSTP_CTRL_QUEUE)
		mask |= EPOLLOUT | EPOLLWRNORM;
	if (c->closed)
		mask |= EPOLLHUP;
	spin_unlock_bh(&c->lock);
	return mask;
}

static int sstp_ctrl_release(struct inode *inode, struct file *file)
{
	struct sstp_session *s = file->private_data;

	s->ctrl.released(s);
	return 0;
}

static const struct file_operations sstp_ctrl_fops = {
	.owner = THIS_MODULE,
	.release = sstp_ctrl_release,
	.read_iter = sstp_ctrl_read_iter,
	.write_iter = sstp_ctrl_write_iter,
	.poll = sstp_ctrl_poll,
	.llseek = noop_llseek,
};

/**
 * sstp_ctrl_file - make the file behind a session fd
 * @s: the session, which the file owns from now on
 *
 * Return: the file or an ERR_PTR; then @s is the caller's still.
 */
struct file *sstp_ctrl_file(struct sstp_session *s)
{
	return anon_inode_getfile("[sstp]", &sstp_ctrl_fops, s, O_RDWR);
}

/** sstp_ctrl_session - the session behind a session fd, or NULL if it is none */
struct sstp_session *sstp_ctrl_session(struct file *file)
{
	return file->f_op == &sstp_ctrl_fops ? file->private_data : NULL;
}
