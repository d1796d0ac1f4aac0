// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main() of nm-sstp-auth-dialog: secret agents (nmcli --ask, GNOME Shell, nm-applet) start
 * it to hear which secrets to ask for. It shows nothing itself: what it prints is a key
 * file with the questions, or what is known already.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <NetworkManager.h>

/* Before a hint that is what to say, not what to ask for. */
#define NM_DIALOG_MESSAGE	"x-vpn-message:"

/* What this is told on standard input, and of what is asked. */
struct nm_dialog {
	GHashTable *data;
	GHashTable *secrets;
	gboolean again;
	char **hints;
	GKeyFile *out;
};

static const char *nm_dialog_data(const struct nm_dialog *d, const char *key)
{
	const char *value = g_hash_table_lookup(d->data, key);

	return value && *value ? value : NULL;
}

static void nm_dialog_secret(struct nm_dialog *d, const char *key, const char *label)
{
	NMSettingSecretFlags flags = NM_SETTING_SECRET_FLAG_NONE;
	const char *known = g_hash_table_lookup(d->secrets, key);
	bool ask;

	nm_vpn_service_plugin_get_secret_flags(d->data, key, &flags);
	if (flags & NM_SETTING_SECRET_FLAG_NOT_REQUIRED)
		return;
	ask = d->again || !known || !*known || flags & NM_SETTING_SECRET_FLAG_NOT_SAVED ||
	      (d->hints && g_strv_contains((const char *const *)d->hints, key));
	g_key_file_set_string(d->out, key, "Value", known ? known : "");
	g_key_file_set_string(d->out, key, "Label", label);
	g_key_file_set_boolean(d->out, key, "IsSecret", TRUE);
	g_key_file_set_boolean(d->out, key, "ShouldAsk", ask);
}

static bool nm_dialog_key_is_encrypted(const struct nm_dialog *d)
{
	const char *path = nm_dialog_data(d, "tls-user-key");
	gboolean encrypted = FALSE;

	return path && nm_utils_file_is_private_key(path, &encrypted) && encrypted;
}

static void nm_dialog_questions(struct nm_dialog *d)
{
	const char *type = nm_dialog_data(d, "connection-type");

	if (!type || strcmp(type, "tls"))
		nm_dialog_secret(d, "password", "Password");
	else if (nm_dialog_key_is_encrypted(d))
		nm_dialog_secret(d, "tls-user-key-secret", "Password of the private key");
	if (nm_dialog_data(d, "proxy-server") && nm_dialog_data(d, "proxy-user"))
		nm_dialog_secret(d, "proxy-password", "Password for the HTTP proxy");
}

/* To be freed. */
static char *nm_dialog_message(const struct nm_dialog *d, const char *name)
{
	for (char **hint = d->hints; hint && *hint; hint++)
		if (g_str_has_prefix(*hint, NM_DIALOG_MESSAGE))
			return g_strdup(*hint + strlen(NM_DIALOG_MESSAGE));
	return g_strdup_printf("A password is needed to connect to \"%s\".", name);
}

static void nm_dialog_print(struct nm_dialog *d, const char *name)
{
	char *text = nm_dialog_message(d, name);
	char *all;

	d->out = g_key_file_new();
	g_key_file_set_integer(d->out, "VPN Plugin UI", "Version", 2);
	g_key_file_set_string(d->out, "VPN Plugin UI", "Title", "Log in by SSTP");
	g_key_file_set_string(d->out, "VPN Plugin UI", "Description", text);
	nm_dialog_questions(d);
	all = g_key_file_to_data(d->out, NULL, NULL);
	fputs(all, stdout);
	g_free(all);
	g_free(text);
	g_key_file_unref(d->out);
}

int main(int argc, char **argv)
{
	struct nm_dialog dialog = { 0 };
	char *uuid = NULL, *name = NULL, *service = NULL;
	gboolean interaction = FALSE, external = FALSE;
	const GOptionEntry entries[] = {
		{ "uuid", 'u', 0, G_OPTION_ARG_STRING, &uuid, "Of the connection", "UUID" },
		{ "name", 'n', 0, G_OPTION_ARG_STRING, &name, "Of the connection", "NAME" },
		{ "service", 's', 0, G_OPTION_ARG_STRING, &service, "Its VPN service", "NAME" },
		{ "allow-interaction", 'i', 0, G_OPTION_ARG_NONE, &interaction,
		  "Questions may be asked", NULL },
		{ "reprompt", 'r', 0, G_OPTION_ARG_NONE, &dialog.again,
		  "What is known was wrong", NULL },
		{ "hint", 't', 0, G_OPTION_ARG_STRING_ARRAY, &dialog.hints,
		  "What is wanted", "HINT" },
		{ "external-ui-mode", 0, 0, G_OPTION_ARG_NONE, &external,
		  "Print what to ask for, which is all that this can do", NULL },
		{ NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
	};
	GOptionContext *options = g_option_context_new("- what a secret agent has to ask for");
	GError *error = NULL;

	g_option_context_add_main_entries(options, entries, NULL);
	if (!g_option_context_parse(options, &argc, &argv, &error)) {
		fprintf(stderr, "nm-sstp-auth-dialog: %s\n", error->message);
		return 2;
	}
	g_option_context_free(options);
	if (!external) {
		fputs("nm-sstp-auth-dialog: it has no dialog, only --external-ui-mode\n", stderr);
		return 1;
	}
	if (!nm_vpn_service_plugin_read_vpn_details(STDIN_FILENO, &dialog.data,
						    &dialog.secrets)) {
		fputs("nm-sstp-auth-dialog: no settings on standard input\n", stderr);
		return 1;
	}
	nm_dialog_print(&dialog, name ? name : "VPN");
	return 0;
}
