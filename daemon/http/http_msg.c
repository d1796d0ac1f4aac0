// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Policy: anything that is not exactly the SSTP request gets the answer an
 * ordinary web server without that page would give, and the connection is
 * closed. GET and POST on the SSTP path are told 404, not 405: the first thing
 * a scanner does is to ask for that path.
 */
#include "http/http_msg.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#define CONTENT_LENGTH_MAX "18446744073709551615"	/* 2^64 - 1 */

/* ---- head ------------------------------------------------------------ */

void http_head_init(struct http_head *h)
{
	h->len = 0;
	h->line = 0;
	h->lines = 0;
	h->state = HTTP_READING;
	h->status = 0;
}

static void http_head_fail(struct http_head *h, int status)
{
	h->state = HTTP_FAILED;
	h->status = status;
}

static bool http_is_text(uint8_t c)
{
	return (c >= 0x20 && c <= 0x7e) || c == '\t';
}

/* CRLF is complete: was it the blank line? */
static void http_head_end_line(struct http_head *h)
{
	bool blank = h->len - h->line == 2;

	h->line = h->len;
	if (blank && h->lines)
		h->state = HTTP_DONE;
	else if (blank)
		http_head_fail(h, 400);
	else if (++h->lines > 1 + HTTP_HEADERS_MAX)
		http_head_fail(h, 431);
}

static void http_head_byte(struct http_head *h, uint8_t c)
{
	size_t in_line = h->len - h->line;
	bool after_cr = in_line && h->buf[h->len - 1] == '\r';

	if (after_cr != (c == '\n'))
		http_head_fail(h, 400);		/* bare CR or bare LF */
	else if (c != '\n' && c != '\r' && !http_is_text(c))
		http_head_fail(h, 400);
	else if (!in_line && h->lines && (c == ' ' || c == '\t'))
		http_head_fail(h, 400);		/* obs-fold */
	else if (h->len == HTTP_HEAD_MAX ||
		 (in_line >= HTTP_LINE_MAX && c != '\r' && c != '\n'))
		http_head_fail(h, 431);
	if (h->state != HTTP_READING)
		return;
	h->buf[h->len++] = c;
	if (c == '\n')
		http_head_end_line(h);
}

enum http_state http_head_input(struct http_head *h, struct rbuf *in)
{
	while (h->state == HTTP_READING && in->len)
		http_head_byte(h, buf_get_u8(in));
	return h->state;
}

/* ---- pieces of a complete head --------------------------------------- */

/* Next line without its CRLF; false at the blank line. */
static bool http_line(struct rbuf *head, struct rbuf *line)
{
	const uint8_t *end = memchr(head->p, '\r', head->len);

	if (!end)
		return false;
	*line = buf_split(head, end - head->p);
	buf_get(head, 2);
	return line->len > 0;
}

/* Splits off what precedes @sep, and @sep; false if there is no @sep. */
static bool http_until(struct rbuf *in, char sep, struct rbuf *out)
{
	const uint8_t *end = in->len ? memchr(in->p, sep, in->len) : NULL;

	if (!end)
		return false;
	*out = buf_split(in, end - in->p);
	buf_get(in, 1);
	return true;
}

static bool http_is(struct rbuf s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.p, text, s.len);
}

static bool http_is_nocase(struct rbuf s, const char *text)
{
	return s.len == strlen(text) && !strncasecmp((const char *)s.p, text, s.len);
}

static bool http_starts(struct rbuf s, const char *text)
{
	return s.len >= strlen(text) && !memcmp(s.p, text, strlen(text));
}

/* RFC 9110 5.6.2: what method and field names are made of. */
static bool http_is_token(struct rbuf s)
{
	static const char others[] = "!#$%&'*+-.^_`|~";
	size_t i;

	for (i = 0; i < s.len; i++) {
		uint8_t c = s.p[i];

		if ((c < '0' || c > '9') && (c < 'A' || c > 'Z') &&
		    (c < 'a' || c > 'z') && !strchr(others, c))
			return false;
	}
	return s.len > 0;
}

static struct rbuf http_trim(struct rbuf s)
{
	while (s.len && (s.p[0] == ' ' || s.p[0] == '\t'))
		buf_get(&s, 1);
	while (s.len && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static bool http_keep(struct rbuf s, char *dst, size_t size)
{
	if (s.len >= size)
		return false;
	dst[s.len] = '\0';
	buf_copy(&s, dst, s.len);
	return true;
}

/* ---- server: request ------------------------------------------------- */

static bool http_version_valid(struct rbuf v)
{
	return v.len == 8 && http_starts(v, "HTTP/") && v.p[6] == '.' &&
	       v.p[5] >= '0' && v.p[5] <= '9' && v.p[7] >= '0' && v.p[7] <= '9';
}

static bool http_method_known(struct rbuf method)
{
	static const char *const known[] = {
		"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS",
		"TRACE", "PATCH",
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (http_is(method, known[i]))
			return true;
	return false;
}

/*
 * A query (tenantid=) behind the path is legal and ignored. How long it takes says
 * nothing about how much of the prefix is right.
 */
static bool http_target_is_sstp(struct rbuf target, const char *prefix)
{
	static const size_t path_len = sizeof(HTTP_SSTP_PATH) - 1;
	size_t len = strlen(prefix);

	if (target.len < len || CRYPTO_memcmp(target.p, prefix, len))
		return false;
	buf_get(&target, len);
	return http_starts(target, HTTP_SSTP_PATH) &&
	       (target.len == path_len || target.p[path_len] == '?');
}

static int http_check_request_line(struct rbuf line, const char *prefix)
{
	struct rbuf method, target;

	if (!http_until(&line, ' ', &method) || !http_is_token(method) ||
	    !http_until(&line, ' ', &target) || !target.len ||
	    !http_version_valid(line))
		return 400;
	if (!http_is(line, "HTTP/1.1"))
		return 505;
	if (http_is(method, "SSTP_DUPLEX_POST") &&
	    http_target_is_sstp(target, prefix))
		return 200;
	/* With a prefix, a method like any other that nobody knows. */
	if (http_is(method, "SSTP_DUPLEX_POST") && !*prefix)
		return 404;
	return http_method_known(method) ? 404 : 501;
}

static bool http_keep_host(struct rbuf value, char host[static HTTP_HOST_MAX + 1])
{
	struct rbuf name;
	char *p;

	if (value.len && value.p[0] == '[') {
		buf_get(&value, 1);
		if (!http_until(&value, ']', &name))
			return false;
	} else if (!http_until(&value, ':', &name)) {
		name = value;
	}
	if (!http_keep(name, host, HTTP_HOST_MAX + 1))
		return false;
	for (p = host; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	return true;
}

/* ---- server: what is it? --------------------------------------------- */

/* @text and then a blank, as far as @sent reaches. */
static enum http_kind http_match(struct rbuf sent, const char *method,
				 const char *target, enum http_kind kind)
{
	char line[HTTP_LINE_MAX];
	size_t len;

	snprintf(line, sizeof(line), "%s %s%s", method, target,
		 *target ? " " : "");
	len = strlen(line);
	if (memcmp(sent.p, line, sent.len < len ? sent.len : len))
		return HTTP_KIND_OTHER;
	return sent.len < len ? HTTP_KIND_OPEN : kind;
}

/* The same for SSTP, of a complete line. */
static enum http_kind http_match_door(struct rbuf sent, const char *prefix)
{
	struct rbuf line, method, target;

	if (http_line(&sent, &line) && http_until(&line, ' ', &method) &&
	    http_until(&line, ' ', &target) && http_is(method, "SSTP_DUPLEX_POST") &&
	    http_target_is_sstp(target, prefix))
		return HTTP_KIND_SSTP;
	return HTTP_KIND_OTHER;
}

enum http_kind http_request_kind(const struct http_head *h, struct rbuf in,
				 const char *health, const char *prefix)
{
	uint8_t sent[HTTP_LINE_MAX];
	struct wbuf w = wbuf_of(sent, sizeof(sent));
	enum http_kind kinds[3] = { HTTP_KIND_OTHER, HTTP_KIND_OTHER,
				    HTTP_KIND_OTHER };
	struct rbuf start;
	size_t room;

	buf_put(&w, h->buf, h->len < w.cap ? h->len : w.cap);
	room = w.cap - w.len;
	buf_put(&w, in.p, in.len < room ? in.len : room);
	start = rbuf_of(sent, w.len);
	if (*prefix && start.len < sizeof(sent) &&
	    (!start.len || !memchr(start.p, '\n', start.len)))
		return HTTP_KIND_OPEN;
	kinds[0] = *prefix ? http_match_door(start, prefix) :
			     http_match(start, "SSTP_DUPLEX_POST", "",
					HTTP_KIND_SSTP);
	if (*health) {
		kinds[1] = http_match(start, "GET", health, HTTP_KIND_HEALTH);
		kinds[2] = http_match(start, "HEAD", health, HTTP_KIND_HEALTH);
	}
	for (int i = 0; i < 3; i++)
		if (kinds[i] != HTTP_KIND_OTHER)
			return kinds[i];
	return HTTP_KIND_OTHER;
}

struct http_seen {
	bool host;
	bool length;
};

static int http_check_field(struct rbuf line, struct http_seen *seen,
			    struct http_request *req)
{
	struct rbuf name, value;

	if (!http_until(&line, ':', &name) || !http_is_token(name))
		return 400;
	value = http_trim(line);
	if (http_is_nocase(name, "Content-Length")) {
		if (seen->length || !http_is(value, CONTENT_LENGTH_MAX))
			return 400;
		seen->length = true;
	} else if (http_is_nocase(name, "Transfer-Encoding")) {
		return 400;
	} else if (http_is_nocase(name, "Host")) {
		if (seen->host || !http_keep_host(value, req->host))
			return 400;
		seen->host = true;
	} else if (http_is_nocase(name, "SSTPCORRELATIONID")) {
		/* For the log only: an odd one is no reason to refuse. */
		http_keep(value, req->correlation_id, sizeof(req->correlation_id));
	}
	return 200;
}

int http_request_check(const struct http_head *h, const char *host,
		       const char *prefix, struct http_request *req)
{
	struct rbuf head = rbuf_of(h->buf, h->len);
	struct http_seen seen = { 0 };
	struct rbuf line = { 0 };
	int status, field;

	memset(req, 0, sizeof(*req));
	http_line(&head, &line);
	status = http_check_request_line(line, prefix);
	/* What its fields would be wrong for is nobody's business. */
	if (*prefix && status != 200)
		return status;
	/* A broken header is a 400 whatever the request line asks for. */
	while (http_line(&head, &line)) {
		field = http_check_field(line, &seen, req);
		if (field != 200)
			return field;
	}
	req->no_length = !seen.length;
	if (status == 200 && host && strcasecmp(host, req->host))
		return 404;
	return status;
}

/* ---- server: response ------------------------------------------------ */

static const char *http_reason_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{ 200, "OK" },
		{ 302, "Found" },
		{ 400, "Bad Request" },
		{ 404, "Not Found" },
		{ 408, "Request Timeout" },
		{ 431, "Request Header Fields Too Large" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};
	size_t i;

	for (i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Error";
}

/* IMF-fixdate; not strftime(), which would follow the locale. */
static void http_put_date(struct wbuf *w, time_t now)
{
	static const char days[][4] = {
		"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat",
	};
	static const char months[][4] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
	};
	char text[64];
	struct tm tm;

	if (!gmtime_r(&now, &tm))
		return;
	snprintf(text, sizeof(text), "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
		 days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
		 tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	buf_put_str(w, text);
}

static void http_put_status(struct wbuf *w, int status, time_t now)
{
	char line[64];

	snprintf(line, sizeof(line), "HTTP/1.1 %d %s\r\n", status,
		 http_reason_phrase(status));
	buf_put_str(w, line);
	http_put_date(w, now);
}

void http_put_closing(struct wbuf *w, int status, const char *location,
		      time_t now)
{
	http_put_status(w, status, now);
	if (location) {
		buf_put_str(w, "Location: ");
		buf_put_str(w, location);
		buf_put_str(w, "\r\n");
	}
	buf_put_str(w, "Content-Length: 0\r\nConnection: close\r\n\r\n");
}

void http_put_response(struct wbuf *w, int status, time_t now)
{
	if (status != 200) {
		http_put_closing(w, status, NULL, now);
		return;
	}
	http_put_status(w, status, now);
	buf_put_str(w, "Content-Length: " CONTENT_LENGTH_MAX "\r\n\r\n");
}

/* ---- client ---------------------------------------------------------- */

static void http_put_name(struct wbuf *w, const char *host)
{
	bool ipv6 = strchr(host, ':');

	if (ipv6)
		buf_put_str(w, "[");
	buf_put_str(w, host);
	if (ipv6)
		buf_put_str(w, "]");
}

static void http_put_port(struct wbuf *w, uint16_t port)
{
	char text[8];

	snprintf(text, sizeof(text), ":%u", port);
	buf_put_str(w, text);
}

static void http_put_host(struct wbuf *w, const char *host, uint16_t port)
{
	buf_put_str(w, "Host: ");
	http_put_name(w, host);
	if (port != 443)
		http_put_port(w, port);
	buf_put_str(w, "\r\n");
}

static void http_put_guid(struct wbuf *w, const uint8_t guid[static 16])
{
	/* RFC 9562 version 4: six bits are fixed. */
	const uint8_t version = (guid[6] & 0x0f) | 0x40;
	const uint8_t variant = (guid[8] & 0x3f) | 0x80;
	char text[40];

	snprintf(text, sizeof(text),
		 "{%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X}",
		 guid[0], guid[1], guid[2], guid[3], guid[4], guid[5], version,
		 guid[7], variant, guid[9], guid[10], guid[11], guid[12], guid[13],
		 guid[14], guid[15]);
	buf_put_str(w, text);
}

void http_put_request(struct wbuf *w, const char *host, uint16_t port,
		      const char *prefix, const uint8_t guid[static 16])
{
	buf_put_str(w, "SSTP_DUPLEX_POST ");
	buf_put_str(w, prefix);
	buf_put_str(w, HTTP_SSTP_PATH " HTTP/1.1\r\n");
	http_put_host(w, host, port);
	buf_put_str(w, "Content-Length: " CONTENT_LENGTH_MAX "\r\n");
	buf_put_str(w, "SSTPCORRELATIONID: ");
	http_put_guid(w, guid);
	buf_put_str(w, "\r\n\r\n");
}

/* RFC 7617; @user has no colon. */
static void http_put_basic(struct wbuf *w, const char *user,
			   const char *password)
{
	unsigned char encoded[4 * ((HTTP_USER_MAX + 2) / 3) + 1];
	char plain[HTTP_USER_MAX + 1];

	snprintf(plain, sizeof(plain), "%s:%s", user, password);
	EVP_EncodeBlock(encoded, (const unsigned char *)plain,
			(int)strlen(plain));
	buf_put_str(w, "Proxy-Authorization: Basic ");
	buf_put_str(w, (const char *)encoded);
	buf_put_str(w, "\r\n");
	OPENSSL_cleanse(plain, sizeof(plain));
	OPENSSL_cleanse(encoded, sizeof(encoded));
}

void http_put_connect(struct wbuf *w, const char *host, uint16_t port,
		      const char *user, const char *password)
{
	buf_put_str(w, "CONNECT ");
	http_put_name(w, host);
	http_put_port(w, port);
	buf_put_str(w, " HTTP/1.1\r\nHost: ");
	http_put_name(w, host);
	http_put_port(w, port);
	buf_put_str(w, "\r\nSSTPVERSION: 1.0\r\n");
	if (*user)
		http_put_basic(w, user, password);
	buf_put_str(w, "\r\n");
}

/* Status of a response of HTTP/1.1, or of any 1.x. */
static int http_status(const struct http_head *h, bool any)
{
	struct rbuf head = rbuf_of(h->buf, h->len);
	struct rbuf line = { 0 };
	int i, status = 0;

	if (!http_line(&head, &line) ||
	    !(http_starts(line, "HTTP/1.1 ") ||
	      (any && http_starts(line, "HTTP/1.0 "))))
		return -1;
	buf_get(&line, strlen("HTTP/1.1 "));
	for (i = 0; i < 3; i++) {
		uint8_t c = buf_get_u8(&line);

		if (c < '0' || c > '9')
			return -1;
		status = status * 10 + c - '0';
	}
	if (line.len && line.p[0] != ' ')
		return -1;
	return status >= 100 && status <= 599 ? status : -1;
}

int http_response_status(const struct http_head *h)
{
	return http_status(h, false);
}

int http_connect_status(const struct http_head *h)
{
	return http_status(h, true);
}
