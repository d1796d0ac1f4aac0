// SPDX-License-Identifier: GPL-2.0-or-later
/* The request head, as the server reads it. First byte: where it is split. */
#include "fuzz.h"
#include "http/http_msg.h"

static struct http_head head;

static size_t read_head(const uint8_t *data, size_t size, size_t split)
{
	struct rbuf first = rbuf_of(data, split);
	struct rbuf rest = rbuf_of(data + split, size - split);

	http_head_init(&head);
	if (http_head_input(&head, &first) == HTTP_READING)
		http_head_input(&head, &rest);
	return first.len + rest.len;
}

static void judge(const char *host)
{
	struct http_request req;
	uint8_t room[1024];
	struct wbuf w = wbuf_of(room, sizeof(room));
	int status = http_request_check(&head, host, "", &req);

	FUZZ_CHECK(status == 200 || status == 400 || status == 404 ||
		   status == 501 || status == 505);
	FUZZ_CHECK(strnlen(req.host, sizeof(req.host)) < sizeof(req.host));
	FUZZ_CHECK(strnlen(req.correlation_id, sizeof(req.correlation_id)) <
		   sizeof(req.correlation_id));
	FUZZ_CHECK(status != 200 || !host || !strcmp(host, req.host));
	http_put_response(&w, status, 0);
	FUZZ_CHECK(!w.bad);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum http_state state;
	size_t left;

	if (!size)
		return 0;
	left = read_head(data + 1, size - 1, data[0] % size);
	state = head.state;
	if (state == HTTP_DONE) {
		judge(NULL);
		judge("vpn.example.com");
	}
	/* How TCP cuts it must not matter. */
	FUZZ_CHECK(read_head(data + 1, size - 1, 0) == left);
	FUZZ_CHECK(head.state == state);
	return 0;
}
