// SPDX-License-Identifier: GPL-2.0-or-later
/* The response head, as the client reads it. */
#include "fuzz.h"
#include "http/http_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_head head;
	struct rbuf in = rbuf_of(data, size);
	int status;

	http_head_init(&head);
	if (http_head_input(&head, &in) == HTTP_DONE) {
		status = http_response_status(&head);
		FUZZ_CHECK(status == -1 || (status >= 100 && status <= 599));
	}
	FUZZ_CHECK(head.len + in.len <= size);
	return 0;
}
