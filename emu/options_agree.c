/* Which options go with which.
 * SPDX-License-Identifier: MIT */
#include "emu/gdb_server.h"
#include "emu/options_priv.h"

#include <string.h>

/* What does not go together; `options` is otherwise complete. */
bool options_agree(const struct options *options, struct err *err)
{
    if (!gdb_server_agrees(options, err)) {
        return false;
    }
    if (options->input && options->serial_count && strcmp(options->serial[0], "stdio") == 0) {
        return err_set(err, "--input %s: COM1 cannot take bytes from a file and from stdio",
                       options->input);
    }
    if (options->bios && (options->kernel || options->initrd)) {
        return err_set(err, "--bios %s: firmware boots from a disk; leave out %s", options->bios,
                       options->kernel ? options->kernel : "--initrd");
    }
    if ((options->trace.format || options->trace.last) && !options->trace.kinds) {
        return err_set(err, "%s: goes with --trace KINDS[:FILE]",
                       options->trace.last ? "--trace-last" : "--trace-format");
    }
    if (options->tui && options->trace.kinds && !options->trace.path) {
        return err_set(err, "--trace: with --tui it needs a file: --trace KINDS:FILE");
    }
    if (options->counters && (!options->json || !options->headless)) {
        return err_set(err, "--counters: goes with --json FILE and --headless");
    }
    if (options->headless && options->tui) {
        return err_set(err, "--tui: does not go with %s", options->exec ? "exec" : "--headless");
    }
    if (options->headless &&
        (options->preset || options->theme || options->font || options->font_pixels)) {
        return err_set(err, "--preset, --theme, --font, --font-size: need the window or --tui");
    }
    if (options->share && options->disk_count == PC_DISKS) {
        return err_set(err, "--share %s: comes as the fourth disk; use one --disk less",
                       options->share);
    }
    return true;
}

/* What makes no sense with exec, which boots the bundled guest in its own way. */
bool options_agree_exec(const struct options *options, struct err *err)
{
    const char *option = options->bios           ? "--bios"
                         : options->vgabios      ? "--vgabios"
                         : options->initrd       ? "--initrd"
                         : options->serial_count ? "--serial"
                         : options->disk_count   ? "--disk"
                                                 : NULL;

    return !option ||
           err_set(err, "exec: %s does not go with it; the bundled guest is booted", option);
}
