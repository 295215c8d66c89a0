/* The command line for people and shells, made from the table of options:
 *   options_doc man|bash|zsh FILE
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

enum argument { TAKES_NOTHING, TAKES_ONE, TAKES_ONE_OR_NOTHING };

static const struct {
    const char *name;
    const char *id;
    enum argument takes;
    const char *value; /* how help calls the argument */
    const char *help;
} rows[] = {
#define OPTION(name, id, takes, value, help) {name, #id, takes, value, help},
#include "emu/options.def"
#undef OPTION
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static int is_here(size_t i)
{
    return strcmp(rows[i].id, "OPTION_LATER") != 0;
}

/* ---- the manual page ---- */

/* Letters that mean something to troff. */
static void put_troff(FILE *out, const char *text)
{
    for (size_t i = 0; text[i]; i++) {
        if (text[i] == '\\') {
            fputs("\\e", out);
        } else if (text[i] == '-') {
            fputs("\\-", out);
        } else {
            if (i == 0 && (text[i] == '.' || text[i] == '\'')) {
                fputs("\\&", out);
            }
            fputc(text[i], out);
        }
    }
}

static void put_man(FILE *out)
{
    fprintf(out, ".TH RINGSIDE 1 \"\" \"Ringside %s\" \"User Commands\"\n", RINGSIDE_VERSION);
    fputs(".SH NAME\nringside \\- a 32-bit x86 PC that can be watched, stepped, and stepped back\n"
          ".SH SYNOPSIS\n.nf\n"
          "\\fBringside\\fR [OPTIONS] [KERNEL [KERNEL ARGS...]]\n"
          "\\fBringside exec\\fR [OPTIONS] [\\-\\-] PROGRAM [ARGS...]\n"
          "\\fBringside replay\\fR [OPTIONS] MOMENT\n"
          "\\fBringside grade\\fR [\\-\\-in DIR] [\\-\\-json FILE] [\\-\\-junit FILE] "
          "[\\-\\-tap FILE] SPEC...\n.fi\n"
          ".SH DESCRIPTION\n"
          "Emulates a PC, cycle by cycle, and shows what it does. Without KERNEL a small Unix is "
          "booted, which comes with it. KERNEL is a multiboot, plain 32-bit ELF or Linux (bzImage, "
          "vmlinux) file.\n.PP\n"
          "\\fBexec\\fR runs one program, a static 32-bit ELF file of the host, in the bundled "
          "guest. \\fBreplay\\fR reopens a place that the debugger's save\\-moment has kept. "
          "\\fBgrade\\fR judges programs by specs.\n"
          ".SH OPTIONS\n",
          out);
    for (size_t i = 0; i < ROWS; i++) {
        if (is_here(i)) {
            fputs(".TP\n\\fB", out);
            put_troff(out, rows[i].name);
            fputs("\\fR", out);
            if (rows[i].value[0]) {
                fputs(" \\fI", out);
                put_troff(out, rows[i].value);
                fputs("\\fR", out);
            }
            fputs("\n", out);
            put_troff(out, rows[i].help);
            fputs("\n", out);
        }
    }
    fputs(".SH EXIT STATUS\n"
          "What the guest chose through port F4h; 0 power off; 2 trouble on the host's side; 70 "
          "triple fault; 72 halted for good; 74 guest kernel panic; 124 limit reached. exec: the "
          "program's own, or 128 + signal. grade: 0 all points, 1 not all.\n",
          out);
}

/* ---- completion ---- */

static int takes_path(size_t i)
{
    const char *value = rows[i].value;

    return strstr(value, "FILE") || strstr(value, "DIR") || strstr(value, "PATH");
}

/* The words of "i386|i486"; none if it is no such list. */
static void put_words(FILE *out, const char *value)
{
    for (; *value; value++) {
        fputc(*value == '|' ? ' ' : *value, out);
    }
}

static int takes_words(size_t i)
{
    return strchr(rows[i].value, '|') && !strpbrk(rows[i].value, "[ABCDEFGHIJKLMNOPQRSTUVWXYZ:");
}

static void put_bash(FILE *out)
{
    fputs("# bash completion for ringside, made from its table of options.\n"
          "_ringside() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    case $before in\n",
          out);
    for (size_t i = 0; i < ROWS; i++) {
        if (is_here(i) && rows[i].takes == TAKES_ONE && takes_words(i)) {
            fprintf(out, "    %s) COMPREPLY=($(compgen -W \"", rows[i].name);
            put_words(out, rows[i].value);
            fputs("\" -- \"$word\")); return ;;\n", out);
        }
    }
    fputs("    ", out);
    for (size_t i = 0, first = 1; i < ROWS; i++) {
        if (is_here(i) && rows[i].takes == TAKES_ONE && takes_path(i)) {
            fprintf(out, "%s%s", first ? "" : "|", rows[i].name);
            first = 0;
        }
    }
    fputs(") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n    esac\n"
          "    if [[ $word == -* ]]; then\n        COMPREPLY=($(compgen -W \"",
          out);
    for (size_t i = 0, first = 1; i < ROWS; i++) {
        if (is_here(i)) {
            fprintf(out, "%s%s", first ? "" : " ", rows[i].name);
            first = 0;
        }
    }
    fputs("\" -- \"$word\"))\n        return\n    fi\n"
          "    COMPREPLY=($(compgen -f -- \"$word\"))\n"
          "    if (( COMP_CWORD == 1 )); then\n"
          "        COMPREPLY+=($(compgen -W \"exec replay grade\" -- \"$word\"))\n    fi\n"
          "}\ncomplete -o filenames -F _ringside ringside\n",
          out);
}

/* Text between two ' and in [] of zsh's _arguments. */
static void put_zsh_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'') {
            fputs("'\\''", out);
        } else if (strchr("[]:\\", *text)) {
            fprintf(out, "\\%c", *text);
        } else {
            fputc(*text, out);
        }
    }
}

static void put_zsh(FILE *out)
{
    fputs("#compdef ringside\n# zsh completion for ringside, made from its table of options.\n"
          "_arguments \\\n",
          out);
    for (size_t i = 0; i < ROWS; i++) {
        if (!is_here(i)) {
            continue;
        }
        fprintf(out, "  '*%s[", rows[i].name);
        put_zsh_text(out, rows[i].help);
        fputs("]", out);
        if (rows[i].takes != TAKES_NOTHING) {
            fprintf(out, "%s:", rows[i].takes == TAKES_ONE ? ":" : "::");
            put_zsh_text(out, rows[i].value);
            fputs(":", out);
            if (takes_words(i)) {
                fputs("(", out);
                put_words(out, rows[i].value);
                fputs(")", out);
            } else if (takes_path(i)) {
                fputs("_files", out);
            }
        }
        fputs("' \\\n", out);
    }
    fputs("  '1:command or kernel:{_alternative \"commands:command:(exec replay grade)\" "
          "\"files:file:_files\"}' \\\n  '*:file:_files'\n",
          out);
}

int main(int count, char **arguments)
{
    FILE *out = count == 3 ? fopen(arguments[2], "w") : NULL;

    if (!out) {
        fprintf(stderr, "options_doc: man|bash|zsh FILE\n");
        return 2;
    }
    if (strcmp(arguments[1], "man") == 0) {
        put_man(out);
    } else if (strcmp(arguments[1], "bash") == 0) {
        put_bash(out);
    } else {
        put_zsh(out);
    }
    return fclose(out) == 0 ? 0 : 2;
}
