/* The program: command line, images, machine, then the window or the console.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emu/console_host.h"
#include "emu/grade_host.h"
#include "emu/options.h"
#include "emu/program.h"
#include "emu/window_host.h"

#define EXIT_TROUBLE 2

static int trouble(const struct err *err)
{
    fprintf(stderr, "ringside: %s\n", err->message);
    return EXIT_TROUBLE;
}

static int print_help(void)
{
    char *text = options_help();

    if (text) {
        fputs(text, stdout);
    }
    free(text);
    return 0;
}

/* The command line that makes the moment's machine, with the options given to replay. */
static bool replay_parse(struct options *options, struct moment *moment, int count,
                         char *const *arguments, struct err *err)
{
    static char *line[MOMENT_WORDS_MAX * 2 + 256];
    const char *path = options->replay;
    int used = 0;

    if (count + 2 > 256) {
        return err_set(err, "replay: too many options");
    }
    if (moment->origin.exec) {
        line[used++] = "exec";
    }
    for (uint32_t i = 0; i < moment->origin.options.count; i++) {
        line[used++] = moment->origin.options.words[i];
    }
    for (int i = 1; i + 1 < count; i++) { /* without "replay" and the moment */
        line[used++] = arguments[i];
    }
    line[used++] = "--";
    for (uint32_t i = 0; i < moment->origin.words.count; i++) {
        line[used++] = moment->origin.words.words[i];
    }
    if (!options_parse(options, used, line, err)) {
        return false;
    }
    options->replay = path;
    options->moment = moment;
    return true;
}

int main(int count, char **arguments)
{
    static struct program program;
    struct moment *moment = NULL;
    struct err err = {0};
    window_runner *window = NULL;
    int status;

    if (!options_parse(&program.options, count - 1, arguments + 1, &err)) {
        return trouble(&err);
    }
    if (program.options.show_help) {
        return print_help();
    }
    if (program.options.show_version) {
        printf("ringside %s\n", RINGSIDE_VERSION);
        return 0;
    }
    if (program.options.grade) {
        return grade_host_run(&program.options);
    }
    if (program.options.replay) {
        moment = moment_load(program.options.replay, &err);
        if (!moment || !replay_parse(&program.options, moment, count - 1, arguments + 1, &err)) {
            moment_close(moment);
            return trouble(&err);
        }
    }
    if (!program.options.headless) {
        window = window_host_runner(arguments, &err);
        if (!window) {
            moment_close(moment);
            return trouble(&err);
        }
    }
    if (!program_open(&program, &err)) {
        program_close(&program);
        moment_close(moment);
        return trouble(&err);
    }
    status = window ? window(program.machine, &program.options, program.symbols)
                    : console_host_run(program.machine, &program.options, program.symbols,
                                       program_kernel_file(&program));
    if (!machine_write_disks(program.machine, &err)) {
        status = trouble(&err);
    }
    if (!trace_close(program.trace, &err)) {
        status = trouble(&err);
    }
    program_close(&program);
    moment_close(moment);
    return status;
}
