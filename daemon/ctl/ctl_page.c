// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/ctl_page.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <json-c/json.h>
#include <openssl/evp.h>

#include "ctl/ctl_list.h"
#include "ctl/ctl_value.h"
#include "lib/text.h"

#define PAGE_REFRESH_S	5
#define PAGE_DAY_S	86400
/* A certificate that ends so soon is an ill, or is to be renewed. */
#define PAGE_DAYS_BAD	3
#define PAGE_DAYS_SOON	14

static const char page_style[] =
	":root{color-scheme:light dark}"
	"body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem}"
	"h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}"
	"table{border-collapse:collapse;width:100%}"
	"th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8884;"
	"overflow-wrap:anywhere}"
	".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
	".good{color:#1a7f37}.soon{color:#9a6700}.bad{color:#cf222e;font-weight:600}"
	"@media(prefers-color-scheme:dark){.good{color:#3fb950}.soon{color:#d29922}.bad{color:#f85149}}"
	"meter{width:6rem}small{font-weight:400;opacity:.7}"
	/* On a phone a row is a block, each cell a line with its title. */
	"@media(max-width:48rem){.rows thead{display:none}"
	".rows tr{display:block;padding:.5rem 0;border-bottom:1px solid #8884}"
	".rows td{display:flex;justify-content:space-between;gap:1rem;padding:0;border:0;"
	"text-align:right}"
	".rows td::before{content:attr(data-title);opacity:.7;flex:none}}";

void ctl_page_policy(char *text, size_t size)
{
	unsigned char digest[32];
	char hash[48];

	EVP_Digest(page_style, sizeof(page_style) - 1, digest, NULL, EVP_sha256(), NULL);
	EVP_EncodeBlock((unsigned char *)hash, digest, sizeof(digest));
	snprintf(text, size, "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; "
		 "form-action 'none'; frame-ancestors 'none'", hash);
}

void ctl_page_text(FILE *out, const char *text)
{
	static const struct {
		char c;
		const char *reference;
	} special[] = {
		{ '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" },
		{ '"', "&quot;" }, { '\'', "&#39;" },
	};
	size_t n, i;

	for (; *text; text += n ? n : 1) {
		n = text_char(text);
		for (i = 0; i < sizeof(special) / sizeof(special[0]); i++)
			if (*text == special[i].c)
				break;
		if (i < sizeof(special) / sizeof(special[0]))
			fputs(special[i].reference, out);
		else if (n)
			fprintf(out, "%.*s", (int)n, text);
		else
			fputs("\xef\xbf\xbd", out);
	}
}

static void page_cell(FILE *out, const char *class, const char *text)
{
	fprintf(out, "<td%s>", class);
	ctl_page_text(out, text);
	fputs("</td>", out);
}

#define PAGE_NUMBER	" class=\"n\""

/* One of a table with titles, of which that of this cell is next. */
static void page_field(FILE *out, const char *const **title, const char *class,
		       const char *text)
{
	fprintf(out, "<td data-title=\"%s\"%s>", *(*title)++, class);
	ctl_page_text(out, text);
	fputs("</td>", out);
}

static void page_titles(FILE *out, const char *const *titles, const char *numbers)
{
	fputs("<table class=\"rows\"><thead><tr>", out);
	for (; *titles; titles++, numbers++)
		fprintf(out, "<th%s>%s</th>", *numbers == 'n' ? PAGE_NUMBER : "", *titles);
	fputs("</tr></thead><tbody>\n", out);
}

static void page_table_end(FILE *out)
{
	fputs("</tbody></table>\n", out);
}

/* ---- the whole ----------------------------------------------------------------------- */

/* Of the samples of metric @key; with @is, of those whose @label is that. */
static int64_t page_sum(struct json_object *metrics, const char *key, const char *label,
			const char *is)
{
	struct json_object *list = ctl_object(metrics, key);
	int64_t sum = 0;

	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *sample = json_object_array_get_idx(list, i);

		if (!is || !strcmp(ctl_text(sample, label), is))
			sum += ctl_number(sample, "value");
	}
	return sum;
}

static void page_row(FILE *out, const char *title, const char *text, const char *class)
{
	fprintf(out, "<tr><th>%s</th>", title);
	page_cell(out, class, text);
	fputs("</tr>\n", out);
}

static void page_row_number(FILE *out, const char *title, int64_t n, const char *class)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	page_row(out, title, text, class);
}

static void page_rate(FILE *out, const char *title, const struct ctl_page *p,
		      double rate, const char *key)
{
	char bits[24], bytes[16], text[120];

	ctl_show_bits(8 * rate, bits, sizeof(bits));
	ctl_show_bytes((double)ctl_number(p->metrics, key), bytes, sizeof(bytes));
	if (p->seconds > 0)
		snprintf(text, sizeof(text), "%s over the last %.0f s, %s in all", bits,
			 p->seconds, bytes);
	else
		snprintf(text, sizeof(text), "%s in all", bytes);
	page_row(out, title, text, "");
}

static void page_health(FILE *out, const struct ctl_page *p)
{
	int64_t tun = page_sum(p->metrics, "sessions", "path", "tun");
	char since[40], text[64];

	ctl_show_duration((long)(p->now - ctl_number(p->metrics, "start_time")), since,
			  sizeof(since));
	fputs("<h2>Health</h2>\n<table><tbody>\n", out);
	page_row(out, "Running for", since, " class=\"good\"");
	snprintf(text, sizeof(text), "%lld",
		 (long long)page_sum(p->metrics, "sessions", NULL, NULL));
	page_row(out, "Sessions", text, "");
	if (tun)
		page_row_number(out, "of them not on the kernel path", tun, " class=\"soon\"");
	page_rate(out, "Received", p, p->rx_rate, "received_bytes");
	page_rate(out, "Sent", p, p->tx_rate, "sent_bytes");
	if (ctl_object(p->metrics, "pool_free"))
		page_row_number(out, "Free addresses", ctl_number(p->metrics, "pool_free"),
				ctl_number(p->metrics, "pool_free") ? "" : " class=\"bad\"");
	page_row_number(out, "Logins", page_sum(p->metrics, "logins", "result", "ok"), "");
	page_row_number(out, "Logins that failed",
			page_sum(p->metrics, "logins", "result", "failed"), "");
	page_row_number(out, "TLS handshakes that failed",
			ctl_number(p->metrics, "tls_failed"), "");
	page_row_number(out, "Connections refused by a limit",
			page_sum(p->metrics, "refused", NULL, NULL), "");
	page_table_end(out);
}

/* ---- sessions ------------------------------------------------------------------------ */

static const char *const page_session_titles[] = {
	"ID", "User", "From", "Address", "Interface", "Path", "Received", "Sent", "",
	"In all", "For", NULL };

static void page_bits(FILE *out, const char *const **title, int64_t bytes)
{
	char text[24];

	ctl_show_bits(8 * (double)bytes, text, sizeof(text));
	page_field(out, title, PAGE_NUMBER, text);
}

static void page_session(FILE *out, struct json_object *s, int64_t most)
{
	int64_t rx = ctl_number(s, "rx_rate"), tx = ctl_number(s, "tx_rate");
	const char *const *title = page_session_titles;
	char text[64];

	snprintf(text, sizeof(text), "%lld", (long long)ctl_number(s, "id"));
	fputs("<tr>", out);
	page_field(out, &title, PAGE_NUMBER, text);
	page_field(out, &title, "", ctl_text(s, "user"));
	ctl_host(ctl_text(s, "remote"), text, sizeof(text));
	page_field(out, &title, "", text);
	page_field(out, &title, "", ctl_session_address(s));
	page_field(out, &title, "", ctl_text(s, "interface"));
	page_field(out, &title, "", ctl_text(s, "path"));
	page_bits(out, &title, rx);
	page_bits(out, &title, tx);
	title++;
	fprintf(out, "<td><meter min=\"0\" max=\"%lld\" value=\"%lld\"></meter></td>",
		(long long)(most ? most : 1), (long long)(rx + tx));
	ctl_show_bytes((double)ctl_number(s, "rx_bytes") + (double)ctl_number(s, "tx_bytes"),
		       text, sizeof(text));
	page_field(out, &title, PAGE_NUMBER, text);
	ctl_show_duration((long)ctl_number(s, "seconds"), text, sizeof(text));
	page_field(out, &title, PAGE_NUMBER, text);
	fputs("</tr>\n", out);
}

static void page_sessions(FILE *out, struct json_object *sessions)
{
	size_t n = json_object_array_length(sessions);
	struct json_object *first;
	int64_t most = 0;

	fputs("<h2>Sessions</h2>\n", out);
	if (!n) {
		fputs("<p>There is none.</p>\n", out);
		return;
	}
	first = json_object_array_get_idx(sessions, 0);
	most = ctl_number(first, "rx_rate") + ctl_number(first, "tx_rate");
	page_titles(out, page_session_titles, "n     nn nn");
	for (size_t i = 0; i < n; i++)
		page_session(out, json_object_array_get_idx(sessions, i), most);
	page_table_end(out);
}

/* ---- certificates -------------------------------------------------------------------- */

static const char *const page_certificate_titles[] = {
	"Certificate", "Good until", "Left", NULL };

static void page_certificate(FILE *out, struct json_object *sample, int64_t now)
{
	time_t until = (time_t)ctl_number(sample, "value");
	int64_t left = (int64_t)until - now;
	const char *class = left < PAGE_DAYS_BAD * PAGE_DAY_S ? " class=\"bad\"" :
			    left < PAGE_DAYS_SOON * PAGE_DAY_S ? " class=\"soon\"" :
			    " class=\"good\"";
	const char *const *title = page_certificate_titles;
	char date[32], duration[40], text[64];
	struct tm tm;

	strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", gmtime_r(&until, &tm));
	ctl_show_duration((long)(left < 0 ? -left : left), duration, sizeof(duration));
	snprintf(text, sizeof(text), "%s%s", left < 0 ? "expired for " : "", duration);
	fputs("<tr>", out);
	page_field(out, &title, "", ctl_text(sample, "file"));
	page_field(out, &title, "", date);
	page_field(out, &title, class, text);
	fputs("</tr>\n", out);
}

static void page_certificates(FILE *out, struct json_object *list, int64_t now)
{
	if (!list || !json_object_array_length(list))
		return;
	fputs("<h2>Certificates</h2>\n", out);
	page_titles(out, page_certificate_titles, "   ");
	for (size_t i = 0; i < json_object_array_length(list); i++)
		page_certificate(out, json_object_array_get_idx(list, i), now);
	page_table_end(out);
}

/* ---- the page ------------------------------------------------------------------------ */

static void page_head(FILE *out, const struct ctl_page *p)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n", out);
	fprintf(out, "<meta http-equiv=\"refresh\" content=\"%d\">\n<title>", PAGE_REFRESH_S);
	if (p->why)
		fputs("sstpd does not answer", out);
	else
		fprintf(out, "sstpd: %lld sessions",
			(long long)page_sum(p->metrics, "sessions", NULL, NULL));
	fprintf(out, "</title>\n<style>%s</style></head><body>\n", page_style);
}

void ctl_page(FILE *out, const struct ctl_page *p)
{
	page_head(out, p);
	if (p->why) {
		fputs("<h1>sstpd</h1>\n<p class=\"bad\">", out);
		ctl_page_text(out, p->why);
		fputs("</p>\n", out);
	} else {
		fputs("<h1>sstpd <small>", out);
		ctl_page_text(out, ctl_text(p->metrics, "version"));
		fputs("</small></h1>\n", out);
		page_health(out, p);
		if (p->sessions)
			page_sessions(out, p->sessions);
		page_certificates(out, ctl_object(p->metrics, "certificates"), p->now);
	}
	fputs("</body></html>\n", out);
}
