/* Silences the process-wide message channels of the image libraries. */
#include "scan/silence.h"

#include <allheaders.h>
#include <glib.h>
#include <tiffio.h>

static void log_nothing(const gchar *domain, GLogLevelFlags level, const gchar *message,
                        gpointer data)
{
    (void)domain, (void)level, (void)message, (void)data;
}

static void print_nothing(const gchar *message)
{
    (void)message;
}

void scan_silence_libraries(void)
{
    setMsgSeverity(L_SEVERITY_NONE);
    TIFFSetErrorHandler(NULL);
    TIFFSetWarningHandler(NULL);
    /* Poppler reports every broken object of a PDF as a GLib message. */
    g_log_set_handler("Poppler", (GLogLevelFlags)(G_LOG_LEVEL_MASK & ~G_LOG_LEVEL_ERROR),
                      log_nothing, NULL);
    g_set_printerr_handler(print_nothing);
}
