/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The status page of `sstpctl metrics --listen`: one HTML document with all that it needs
 * in itself, no script, nothing that changes anything. Whatever a name holds stays text.
 */
#ifndef SSTPD_CTL_PAGE_H
#define SSTPD_CTL_PAGE_H

#include <stdint.h>
#include <stdio.h>

struct json_object;

/**
 * struct ctl_page - what it shows
 * @why: the daemon gave no answer, and this is the reason; NULL = it did
 * @metrics: answer to "metrics"
 * @sessions: array, with rates (ctl_top_rates()); NULL = nobody's business
 * @rx_rate, @tx_rate: bytes per second in all, over the last @seconds; 0 = not known yet
 * @now: Unix time
 */
struct ctl_page {
	const char *why;
	struct json_object *metrics;
	struct json_object *sessions;
	double rx_rate;
	double tx_rate;
	double seconds;
	int64_t now;
};

void ctl_page(FILE *out, const struct ctl_page *page);

/** ctl_page_policy() - its Content-Security-Policy: its own style, and nothing else */
void ctl_page_policy(char *text, size_t size);

/** ctl_page_text() - @text as content, or as the value of an attribute */
void ctl_page_text(FILE *out, const char *text);

#endif /* SSTPD_CTL_PAGE_H */
