/* The command line.
 * SPDX-License-Identifier: MIT */
#include "emu/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/edit_distance.h"
#include "emu/gdb_server.h"
#include "emu/options_priv.h"
#include "emu/paint_cells.h"
#include "emu/ui_presets.h"

enum option_id {
    OPTION_HEADLESS,
    OPTION_TUI,
    OPTION_PRESET,
    OPTION_THEME,
    OPTION_FONT,
    OPTION_FONT_SIZE,
    OPTION_DISK,
    OPTION_BOOT,
    OPTION_BIOS,
    OPTION_VGABIOS,
    OPTION_MEM,
    OPTION_CPU,
    OPTION_TIMING,
    OPTION_CLOCK,
    OPTION_PACE,
    OPTION_RTC,
    OPTION_INITRD,
    OPTION_APPEND,
    OPTION_SHARE,
    OPTION_TRACE,
    OPTION_TRACE_FORMAT,
    OPTION_TRACE_LAST,
    OPTION_INPUT,
    OPTION_SERIAL,
    OPTION_GDB,
    OPTION_BREAK,
    OPTION_SCRIPT,
    OPTION_MAX_CLOCKS,
    OPTION_MAX_INSTRUCTIONS,
    OPTION_MAX_SECONDS,
    OPTION_ON_HALT,
    OPTION_ON_RESET,
    OPTION_JSON,
    OPTION_COUNTERS,
    OPTION_HISTORY,
    OPTION_RECORD,
    OPTION_DEBUGCON,
    OPTION_APIC,
    OPTION_VERSION,
    OPTION_HELP,
    OPTION_SEED,
    OPTION_JITTER,
    OPTION_MOMENT,
    OPTION_IN,
    OPTION_JUNIT,
    OPTION_TAP,
    OPTION_QUIZ,
    OPTION_LATER, /* part of the contract, not of this version */
};

enum argument { TAKES_NOTHING, TAKES_ONE, TAKES_ONE_OR_NOTHING };

struct option {
    const char *name;
    enum option_id id;
    enum argument takes;
    const char *value; /* how help calls the argument */
    const char *help;
};

/* In the order of --help. */
static const struct option table[] = {
#define OPTION(...) {__VA_ARGS__},
#include "emu/options.def"
#undef OPTION
};
#define TABLE_ROWS (sizeof(table) / sizeof(table[0]))

/* ---- values ---- */

static bool parse_number(const char *text, uint64_t unit_kilo, uint64_t *value)
{
    char *end;
    uint64_t scale = 1;

    if (text[0] < '0' || text[0] > '9') {
        return false;
    }
    *value = strtoull(text, &end, 0);
    switch (*end) {
    case 'G':
    case 'g':
        scale *= unit_kilo;
        __attribute__((fallthrough));
    case 'M':
    case 'm':
        scale *= unit_kilo;
        __attribute__((fallthrough));
    case 'K':
    case 'k':
        scale *= unit_kilo;
        end++;
        break;
    default:
        break;
    }
    return *end == '\0' && !__builtin_mul_overflow(*value, scale, value);
}

bool options_size(const char *text, uint64_t *bytes)
{
    return parse_number(text, 1024, bytes);
}

/* Index of `text` in a list of words ended by NULL, or -1. */
static int word_index(const char *text, const char *const *words)
{
    for (int i = 0; words[i]; i++) {
        if (strcmp(text, words[i]) == 0) {
            return i;
        }
    }
    return -1;
}

static bool wrong_value(const struct option *option, const char *value, const char *right,
                        struct err *err)
{
    return err_set(err, "%s %s: %s", option->name, value, right);
}

static bool take_memory(struct options *options, const struct option *option, const char *value,
                        struct err *err)
{
    uint64_t bytes;

    if (!options_size(value, &bytes) || bytes < (1u << 20) || bytes > (3ull << 30) ||
        bytes % 4096 != 0) {
        return wrong_value(option, value, "must be a size from 1M to 3G in whole 4K pages", err);
    }
    options->machine.ram_bytes = bytes;
    return true;
}

static bool take_number(const struct option *option, const char *value, uint64_t least,
                        uint64_t most, uint64_t *number, struct err *err)
{
    if (!parse_number(value, 1000, number) || *number < least || *number > most) {
        return err_set(err, "%s %s: must be a number from %llu to %llu", option->name, value,
                       (unsigned long long)least, (unsigned long long)most);
    }
    return true;
}

static bool take_word(const struct option *option, const char *value, const char *const *words,
                      int *index, struct err *err)
{
    *index = word_index(value, words);
    return *index >= 0 ? true
                       : err_set(err, "%s %s: must be %s", option->name, value, option->value);
}

static bool take_serial(struct options *options, const struct option *option, const char *value,
                        struct err *err)
{
    static const char *const plain[] = {"stdio", "null", "pty", NULL};

    if (strncmp(value, "unix:", 5) == 0) {
        return wrong_value(option, value, "unix sockets are not available in this version", err);
    }
    if (word_index(value, plain) < 0 && (strncmp(value, "file:", 5) != 0 || value[5] == '\0')) {
        return wrong_value(option, value, "must be stdio, null, file:PATH or pty", err);
    }
    if (options->serial_count == 2) {
        return err_set(err, "--serial %s: there are only two serial ports", value);
    }
    if (options->serial_count == 1 && strcmp(value, "stdio") == 0 &&
        strcmp(options->serial[0], "stdio") == 0) {
        return err_set(err, "--serial stdio: COM1 already has it");
    }
    options->serial[options->serial_count++] = value;
    return true;
}

static bool take_disk(struct options *options, const struct option *option, const char *value,
                      struct err *err)
{
    if (value[0] == '\0') {
        return err_set(err, "%s: needs FILE, not an empty word", option->name);
    }
    if (options->disk_count == PC_DISKS) {
        return wrong_value(option, value, "there are only four disks", err);
    }
    options->disks[options->disk_count++] = value;
    return true;
}

static bool take_trace(struct options *options, const struct option *option, const char *value,
                       struct err *err)
{
    char text[200];
    const char *wrong = option->id == OPTION_TRACE
                            ? trace_setup_kinds(&options->trace, value, text, sizeof(text))
                            : trace_setup_format(&options->trace, value);

    return !wrong || wrong_value(option, value, wrong, err);
}

static bool take_rtc(struct options *options, const struct option *option, const char *value,
                     struct err *err)
{
    if (strcmp(value, "host") == 0) {
        options->rtc_from_host = 1;
        return true;
    }
    return take_number(option, value, 0, 4102444799u, &options->machine.rtc_epoch, err);
}

static bool take_history(struct options *options, const struct option *option, const char *value,
                         struct err *err)
{
    if (!options_size(value, &options->history_bytes) || options->history_bytes > (64ull << 30)) {
        return wrong_value(option, value, "must be a size from 0 to 64G", err);
    }
    return true;
}

/* Options that choose one of a few words. */
static bool take_choice(struct options *options, const struct option *option, const char *value,
                        struct err *err)
{
    static const char *const levels[] = {"i386", "i486", "i586", "i686", NULL};
    static const char *const timings[] = {"i486", "i386", "unit", NULL};
    static const char *const paces[] = {"max", "real", NULL};
    static const char *const halts[] = {"stop", "wait", NULL};
    static const char *const resets[] = {"stop", "reboot", NULL};
    static const char *const media[] = {"c", "a", "d", NULL};
    static const char *const switches[] = {"off", "on", NULL};
    const char *const *words = option->id == OPTION_CPU        ? levels
                               : option->id == OPTION_TIMING   ? timings
                               : option->id == OPTION_PACE     ? paces
                               : option->id == OPTION_ON_HALT  ? halts
                               : option->id == OPTION_ON_RESET ? resets
                               : option->id == OPTION_BOOT     ? media
                                                               : switches;
    int index;

    if (!take_word(option, value, words, &index, err)) {
        return false;
    }
    if (option->id == OPTION_CPU) {
        options->machine.level = (enum cpu_level)index;
    } else if (option->id == OPTION_TIMING) {
        options->machine.timing = (enum cpu_timing)index;
    } else if (option->id == OPTION_PACE) {
        options->pace = index == 0 ? PACE_MAX : PACE_REAL;
    } else if (option->id == OPTION_ON_HALT) {
        options->on_halt = index == 0 ? ON_HALT_STOP : ON_HALT_WAIT;
    } else if (option->id == OPTION_ON_RESET) {
        options->machine.reboot_on_reset = (uint32_t)index;
    } else if (option->id == OPTION_APIC) {
        options->machine.apics = (uint32_t)index;
    } else if (index != 0) {
        return err_set(err, "%s %s: not available in this version", option->name, value);
    }
    return true;
}

static bool take_repeated(const struct option *option, const char *value, const char **list,
                          uint32_t *count, struct err *err)
{
    if (*count == OPTIONS_REPEATED) {
        return err_set(err, "%s %s: more than %u of them", option->name, value, OPTIONS_REPEATED);
    }
    list[(*count)++] = value;
    return true;
}

static bool take_text(struct options *options, const struct option *option, const char *value,
                      struct err *err)
{
    const char **place = option->id == OPTION_INITRD    ? &options->initrd
                         : option->id == OPTION_APPEND  ? &options->append
                         : option->id == OPTION_INPUT   ? &options->input
                         : option->id == OPTION_JSON    ? &options->json
                         : option->id == OPTION_RECORD  ? &options->record
                         : option->id == OPTION_SHARE   ? &options->share
                         : option->id == OPTION_BIOS    ? &options->bios
                         : option->id == OPTION_VGABIOS ? &options->vgabios
                         : option->id == OPTION_MOMENT  ? &options->moment_file
                         : option->id == OPTION_IN      ? &options->grade_folder
                         : option->id == OPTION_JUNIT   ? &options->junit
                         : option->id == OPTION_TAP     ? &options->tap
                                                        : &options->debugcon;

    if (value[0] == '\0' && option->id != OPTION_APPEND) {
        return err_set(err, "%s: needs %s, not an empty word", option->name, option->value);
    }
    *place = value;
    return true;
}

static bool take_gdb(struct options *options, const struct option *option, const char *value,
                     struct err *err)
{
    if (value && !gdb_server_is_place(value)) {
        return wrong_value(option, value, "must be a port from 0 to 65535, or unix:PATH", err);
    }
    options->gdb = value ? value : GDB_PORT;
    return true;
}

/* A word of a table, "NAME: must be" and all words if it is none. */
static bool take_named(const struct option *option, const char *value, bool known,
                       const char **place, struct err *err)
{
    *place = value;
    return known || wrong_value(option, value, option->help, err);
}

/* How the window looks. */
static bool take_look(struct options *options, const struct option *option, const char *value,
                      struct err *err)
{
    uint64_t number;

    switch (option->id) {
    case OPTION_PRESET:
        return take_named(option, value, preset_named(value) != PRESET_COUNT, &options->preset,
                          err);
    case OPTION_THEME:
        return take_named(option, value, paint_theme_named(value) != THEME_COUNT, &options->theme,
                          err);
    case OPTION_FONT:
        options->font = value;
        return value[0] || err_set(err, "--font: needs a file or builtin, not an empty word");
    default:
        if (!take_number(option, value, 7, 52, &number, err)) {
            return false;
        }
        options->font_pixels = (uint32_t)number;
        return true;
    }
}

/* What an option that takes nothing turns on, or NULL. */
static uint32_t *switch_of(struct options *options, enum option_id id)
{
    return id == OPTION_HEADLESS   ? &options->headless
           : id == OPTION_COUNTERS ? &options->counters
           : id == OPTION_TUI      ? &options->tui
           : id == OPTION_HELP     ? &options->show_help
           : id == OPTION_VERSION  ? &options->show_version
           : id == OPTION_JITTER   ? &options->machine.jitter
           : id == OPTION_QUIZ     ? &options->quiz
                                   : NULL;
}

static bool take(struct options *options, const struct option *option, const char *value,
                 struct err *err)
{
    uint32_t *on = switch_of(options, option->id);
    uint64_t number;

    if (on) {
        *on = 1;
        return true;
    }
    switch (option->id) {
    case OPTION_PRESET:
    case OPTION_THEME:
    case OPTION_FONT:
    case OPTION_FONT_SIZE:
        return take_look(options, option, value, err);
    case OPTION_MEM:
        return take_memory(options, option, value, err);
    case OPTION_CLOCK:
        return take_number(option, value, 1000000, 10000000000ull, &options->machine.clock_hz, err);
    case OPTION_GDB:
        return take_gdb(options, option, value, err);
    case OPTION_DISK:
        return take_disk(options, option, value, err);
    case OPTION_TRACE:
    case OPTION_TRACE_FORMAT:
        return take_trace(options, option, value, err);
    case OPTION_TRACE_LAST:
        if (!take_number(option, value, 1, TRACE_LAST_MAX, &number, err)) {
            return false;
        }
        options->trace.last = (uint32_t)number;
        return true;
    case OPTION_RTC:
        return take_rtc(options, option, value, err);
    case OPTION_SERIAL:
        return take_serial(options, option, value, err);
    case OPTION_MAX_CLOCKS:
        return take_number(option, value, 1, UINT64_MAX - 1, &options->max_clocks, err);
    case OPTION_MAX_INSTRUCTIONS:
        return take_number(option, value, 1, UINT64_MAX - 1, &options->max_instructions, err);
    case OPTION_MAX_SECONDS:
        if (!take_number(option, value, 1, 1000000, &number, err)) {
            return false;
        }
        options->max_seconds = (uint32_t)number;
        return true;
    case OPTION_SEED:
        return take_number(option, value, 0, UINT64_MAX, &options->machine.seed, err);
    case OPTION_HISTORY:
        return take_history(options, option, value, err);
    case OPTION_CPU:
    case OPTION_TIMING:
    case OPTION_PACE:
    case OPTION_ON_HALT:
    case OPTION_ON_RESET:
    case OPTION_APIC:
    case OPTION_BOOT:
        return take_choice(options, option, value, err);
    case OPTION_BREAK:
        return take_repeated(option, value, options->breaks, &options->break_count, err);
    case OPTION_SCRIPT:
        return take_repeated(option, value, options->scripts, &options->script_count, err);
    case OPTION_LATER:
        return err_set(err, "%s: not available in this version", option->name);
    default:
        return take_text(options, option, value, err);
    }
}

/* ---- names ---- */

static bool unknown_option(const char *name, size_t length, struct err *err)
{
    char word[64];
    const struct option *nearest = NULL;
    uint32_t least = 4;

    snprintf(word, sizeof(word), "%.*s", (int)(length < 60 ? length : 60), name);
    for (size_t i = 0; i < TABLE_ROWS; i++) {
        uint32_t distance = edit_distance(word, table[i].name);

        if (distance < least) {
            least = distance;
            nearest = &table[i];
        }
    }
    if (nearest) {
        return err_set(err, "%s: unknown option; did you mean %s?", word, nearest->name);
    }
    return err_set(err, "%s: unknown option; --help lists them", word);
}

static const struct option *option_find(const char *name, size_t length)
{
    for (size_t i = 0; i < TABLE_ROWS; i++) {
        if (strlen(table[i].name) == length && strncmp(table[i].name, name, length) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

/* ---- the line ---- */

static bool take_option(struct options *options, int count, char *const *arguments, int *at,
                        struct err *err)
{
    const char *word = arguments[*at];
    const char *equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    const struct option *option = option_find(word, length);
    const char *value = equals ? equals + 1 : NULL;

    if (!option) {
        return unknown_option(word, length, err);
    }
    if (option->takes == TAKES_NOTHING && value) {
        return err_set(err, "%s: takes no value", option->name);
    }
    if (option->takes == TAKES_ONE && !value && option->id != OPTION_LATER) {
        if (*at + 1 >= count) {
            return err_set(err, "%s: needs a value: %s", option->name, option->value);
        }
        value = arguments[++*at];
    }
    if (option->id == OPTION_GDB && !value && *at + 1 < count &&
        gdb_server_is_place(arguments[*at + 1])) {
        value = arguments[++*at]; /* else the next word is the kernel */
    }
    return take(options, option, value, err);
}

static bool append_word(struct options *options, const char *word, struct err *err)
{
    size_t used = strlen(options->command_line);
    size_t room = sizeof(options->command_line) - used;

    if ((size_t)snprintf(options->command_line + used, room, "%s%s", used ? " " : "", word) >=
        room) {
        return err_set(err, "the kernel's command line is longer than %u bytes",
                       BOOT_COMMAND_LINE_MAX);
    }
    return true;
}

static void set_defaults(struct options *options)
{
    memset(options, 0, sizeof(*options));
    machine_config_defaults(&options->machine);
    options->max_clocks = UINT64_MAX;
    options->max_instructions = UINT64_MAX;
    options->history_bytes = UINT64_MAX;
}

static bool grade_take(struct options *options, int count, char *const *arguments, int at,
                       struct err *err)
{
    if (at >= count) {
        return err_set(err, "grade: needs a SPEC: a file that says what to run and to check");
    }
    options->arguments = arguments + at;
    options->argument_count = count - at;
    return true;
}

static bool words_take(struct options *options, int count, char *const *arguments, int at,
                       struct err *err)
{
    if (options->grade) {
        return grade_take(options, count, arguments, at, err);
    }
    if (options->replay) {
        options->replay = at < count ? arguments[at] : "";
        return at + 1 == count || err_set(err, "replay: needs one MOMENT: a file of save-moment");
    }
    if (options->grade_folder || options->junit || options->tap) {
        return err_set(err, "%s: goes with grade only",
                       options->grade_folder ? "--in"
                       : options->junit      ? "--junit"
                                             : "--tap");
    }
    if (options->exec) {
        if (at >= count) {
            return err_set(err, "exec: needs a PROGRAM: a static 32-bit ELF file");
        }
        options->arguments = arguments + at;
        options->argument_count = count - at;
        return options_agree_exec(options, err);
    }
    options->kernel = at < count ? arguments[at] : NULL;
    options->kernel_words = arguments + at;
    options->kernel_word_count = count - at;
    for (; at < count; at++) {
        if (!append_word(options, arguments[at], err)) {
            return false;
        }
    }
    return true;
}

bool options_parse(struct options *options, int count, char *const *arguments, struct err *err)
{
    int at = 0;

    set_defaults(options);
    if (count > 0 && strcmp(arguments[0], "exec") == 0) {
        options->exec = 1;
        options->headless = 1;
        at = 1;
    } else if (count > 0 && strcmp(arguments[0], "grade") == 0) {
        options->grade = 1;
        at = 1;
    } else if (count > 0 && strcmp(arguments[0], "replay") == 0) {
        options->replay = "";
        at = 1;
    }
    for (; at < count && arguments[at][0] == '-' && arguments[at][1] != '\0'; at++) {
        if (strcmp(arguments[at], "--") == 0) {
            at++;
            break;
        }
        if (!take_option(options, count, arguments, &at, err)) {
            return false;
        }
    }
    if (options->show_help || options->show_version) {
        return true;
    }
    return words_take(options, count, arguments, at, err) && options_agree(options, err) &&
           (!options->append || append_word(options, options->append, err));
}
