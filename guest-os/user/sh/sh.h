/* sh, the shell: what its parts share. Input is cut into words and operators (lexer.c), these
 * become a tree of commands (parser.c), words are expanded when their command is run (expand.c,
 * parameter.c, variables.c, pattern.c, arithmetic.c), commands run in processes (run.c, program.c),
 * which are jobs (jobs.c). See: POSIX.1-2017, "Shell Command Language".
 * SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHELL_PATH_BYTES 1024
#define STATUS_SIGNAL    128 /* + its number: the status of what a signal ended */
#define STATUS_ERROR     2   /* of the shell itself */

/* ---- memory.c: memory that is given back all at once ---- */

struct arena_mark {
    struct arena_block *block;
    size_t used; /* bytes of it */
};
void *arena_allocate(size_t bytes); /* zeros; ends the shell if there is no memory */
char *arena_text(const char *from, size_t length);
char *arena_join(const char *a, const char *b);
struct arena_mark arena_now(void);
void arena_release(struct arena_mark mark); /* everything allocated since then */
/* Begin an arena of its own, for what must stay; arena_end() goes back to the old one. */
struct arena_block *arena_begin(void);
void arena_end(struct arena_block *old);

/* A text that grows; in the arena. text_of() is never NULL. */
struct text {
    char *bytes; /* ends with a null byte */
    size_t length, room;
};
void text_add(struct text *text, char c);
void text_add_all(struct text *text, const char *from);
char *text_of(const struct text *text);

/* A list of texts; in the arena. */
struct list {
    char **items; /* ends with NULL */
    size_t count, room;
};
void list_add(struct list *list, char *item);

/* ---- lexer.c ---- */

enum token_kind {
    TOKEN_END,  /* of the source */
    TOKEN_WORD, /* raw, with its quotes */
    TOKEN_NEWLINE,
    TOKEN_NUMBER,   /* before a redirection */
    TOKEN_OPERATOR, /* in `text` */
    TOKEN_OPEN      /* the source ends inside quotes or a here-document: more lines are needed */
};

struct token {
    enum token_kind kind;
    char *text;
    const char *start, *end; /* in the source */
};

struct redirect; /* parser */

#define ALIASES_MOST 8 /* inside each other */

struct lexer {
    const char *at;             /* what is left of the source */
    struct token token;         /* the one looked at */
    struct redirect *documents; /* here-documents whose text comes after this line */
    struct {
        const char *name;
        size_t rest; /* the alias is being read while more than so many characters are left */
    } aliases[ALIASES_MOST];
    int alias_count;
    bool spliced; /* `at` is no longer in the caller's source */
};
void lexer_start(struct lexer *lexer, const char *source);
void lexer_next(struct lexer *lexer);
/* Read the alias's value in place of the token; false: it is none. *again: the value ends with a
 * blank, so that the word behind it may be an alias as well. */
bool lexer_splice_alias(struct lexer *lexer, bool *again);
/* From behind `$(`, `${` or an opening quote to behind the end of it; NULL: the source ends before.
 */
const char *lexer_skip_parentheses(const char *at);
const char *lexer_skip_arithmetic(const char *at); /* behind `$((` */
const char *lexer_skip_braces(const char *at, bool quoted);
const char *lexer_skip_quotes(const char *at, char quote);

/* ---- parser.c ---- */

enum command_kind {
    SIMPLE,   /* words, assignments and redirections */
    PIPELINE, /* left | right */
    AND,      /* left && right */
    OR,       /* left || right */
    SEQUENCE, /* left ; right */
    BACKGROUND,
    NOT,
    SUBSHELL, /* ( left ) */
    GROUP,    /* { left } */
    IF,       /* left: condition, right: then, other: else */
    WHILE,    /* left: condition, right: body */
    UNTIL,
    FOR, /* name, words, left: body */
    CASE,
    FUNCTION /* name, source: the body */
};

struct word {
    char *raw;
    struct word *next;
};

struct redirect {
    int fd;        /* the one that is redirected */
    char kind[4];  /* "<", ">", ">|", ">>", "<<", "<<-", "<&", ">&", "<>" */
    char *word;    /* raw: path, number or end mark */
    char *content; /* of a here-document */
    struct redirect *next, *next_document;
};

struct case_item {
    struct word *patterns;
    struct command *body; /* NULL: nothing */
    struct case_item *next;
};

struct command {
    enum command_kind kind;
    struct command *left, *right, *other;
    struct word *words;
    struct redirect *redirects;
    char *name;
    struct case_item *items;
    char *source;  /* as written: what jobs shows; the body of a function */
    bool has_list; /* FOR: there was an "in" */
};

enum parse_result { PARSE_COMMAND, PARSE_NOTHING, PARSE_MORE, PARSE_ERROR };

/* Parse one line with what belongs to it; *source moves behind it. PARSE_MORE: it is not complete.
 * *error: what was not expected. *spliced: *source is now in the arena (an alias was used). */
enum parse_result parse(const char **source, struct command **command, const char **error,
                        bool *spliced);
/* Parse a list that ends with ")": where that is; NULL: it is not there. */
const char *parse_until_parenthesis(const char *source);
bool is_reserved(const char *word);

/* ---- expand.c, parameter.c, pattern.c, arithmetic.c ---- */

#define QUOTED 0x100u /* means itself, is not split */
#define SPLIT  0x200u /* from an expansion outside quotes: IFS separates fields */
#define BREAK  0x400u /* no character: a new field, between the parts of "$@" */
#define EMPTY  0x800u /* no character: quotes stood here, so the field exists */

/* A word being expanded: characters that remember where they came from. */
struct units {
    uint16_t *items; /* characters with the marks above */
    size_t count, room;
    bool saw_arguments; /* "$@" stood here: without arguments there is no field */
};
enum scan_mode { SCAN_PLAIN, SCAN_QUOTED, SCAN_DOCUMENT };
void units_add(struct units *units, uint32_t unit);
void units_add_text(struct units *units, const char *text, uint32_t mark);
/* Expand [at, end); `mark` goes to what stands there outside quotes. */
void expand_scan(struct units *units, const char *at, const char *end, enum scan_mode mode,
                 uint32_t mark);
/* A ~ or ~name at the start, up to one of `ends`, stands for a home directory; where to go on. */
const char *expand_home(struct units *units, const char *raw, const char *ends);
/* All expansions and splitting into fields; a field is in the arena. */
void expand_words(const struct word *words, struct list *fields);
char *expand_single(const char *raw);     /* no splitting, no file names */
char *expand_assignment(const char *raw); /* also ~ behind : */
char *expand_pattern(const char *raw);    /* quoted characters come with a backslash */
char *expand_document(const char *text);  /* only $ and ` */
/* A parameter expansion: behind the $ of $name or ${...}; where to go on. */
const char *expand_parameter(struct units *units, const char *at, enum scan_mode mode);
char *number_text(int64_t number);

bool pattern_matches(const char *pattern, const char *text);
bool pattern_is_plain(const char *pattern); /* no *, ? or [ that counts */
void pattern_files(const char *pattern, struct list *found);
int64_t arithmetic(const char *expression);

/* ---- variables.c ---- */

const char *variable_get(const char *name);             /* NULL: not set */
bool variable_set(const char *name, const char *value); /* false: it is readonly; told */
void variable_export(const char *name);
void variable_protect(const char *name); /* readonly */
bool variable_unset(const char *name);
void variable_local(const char *name, const char *value); /* value NULL: keeps the old one */
/* Local variables are undone down to this mark. */
size_t locals_mark(void);
void locals_undo(size_t mark);
void variables_start(void); /* from the environment */
/* `what`: 'a' all, 'e' exported ones, 'r' readonly ones. */
void variables_print(char what);
bool is_name(const char *text, size_t length);
void print_quoted(const char *text); /* so that the shell can read it again */

const char *alias_get(const char *name);

/* ---- run.c, program.c ---- */

struct shell {
    int status;               /* $? */
    int last_background;      /* $!, 0 none */
    int pid;                  /* $$ */
    char **arguments;         /* $0, $1, ...; ends with NULL */
    int terminal;             /* descriptor of the terminal for job control, -1 none */
    bool interactive;         /* prompts, history */
    bool is_child;            /* a subshell: no job control of its own */
    bool is_last;             /* a child whose one simple command is all it has to do */
    bool options[128];        /* set -x and so on, by their letter */
    volatile int interrupted; /* leave everything, back to the prompt */
    int loops;                /* loops we are in, in this function */
    int leave_loops;          /* break and continue: how many loops */
    bool is_continue;         /* the last of them goes on */
    bool is_return;           /* leave the function or the file */
    int depth;                /* of functions and files */
    int tested;               /* > 0: set -e does not count here */
    bool is_whole;            /* the source ends where its text does: so does a here-document */
    bool forgiving;           /* an error of a special builtin does not end the shell: command */
    int substituted;          /* status of the last $(...) of this command */
};
extern struct shell shell;

int run(struct command *command);
/* Run a source text: a script, or eval. */
int run_source(const char *source, const char *name);
char *run_for_output(const char *source); /* $(...) */
/* End the shell, or this subshell: the trap on EXIT first. */
_Noreturn void shell_exit(int status);
/* An error of the shell: told; a script ends with STATUS_ERROR, a prompt comes again. */
void shell_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

bool function_define(const char *name, const char *source);
void function_unset(const char *name);
bool function_exists(const char *name);

/* Redirections, with what is needed to undo them. */
struct saved {
    int fd, copy; /* copy -1: it was closed */
    struct saved *next;
};
bool redirect_all(const struct redirect *redirect, struct saved **saved); /* NULL: for good */
void redirect_undo(struct saved *saved);

/* Run a program, not a function or builtin, in the foreground. */
int program_run(char **argv);
/* Become the program; with the errors 126 and 127. */
_Noreturn void program_execute(char **argv);
/* The program's path along PATH, in the arena; NULL: not found. */
char *program_find(const char *name);

/* ---- builtins.c and builtin_*.c ---- */

typedef int builtin(char **argv);
struct builtin_entry {
    const char *name;
    builtin *run;
    bool special; /* POSIX 2.14: errors end a script, assignments stay */
};
const struct builtin_entry *builtin_find(const char *name);
const char *builtin_name(size_t i); /* of all, one after the other; NULL at the end */
int count_words(char **argv);
builtin builtin_test, builtin_printf, builtin_echo, builtin_read, builtin_getopts, builtin_umask,
    builtin_times, builtin_set, builtin_shift, builtin_export, builtin_readonly, builtin_unset,
    builtin_local, builtin_alias, builtin_unalias, builtin_type, builtin_command;
bool options_set(const char *letters, bool on); /* false: not known; told */
bool option_named(const char *name, bool on);
char *options_text(void);        /* $- */
void arguments_set(char **argv); /* $1 and so on */
/* Decode one escape of printf and echo behind the backslash; -1: \c. */
int decode_escape(const char **at, bool leading_zero);

/* ---- traps.c ---- */

builtin builtin_trap;
void traps_start(void);
void traps_child(void);   /* a subshell begins without them */
void traps_pending(void); /* run those whose signal came */
void traps_exit(void);
bool trap_waits(void); /* a signal with a trap came */
int trap_signal(void); /* the last such signal */
bool trap_is_set(int signal_number);

/* ---- jobs.c, builtin_jobs.c ---- */

struct job;
void jobs_start(void);
bool jobs_control(void);
void jobs_child(int group, bool foreground); /* in a new process: its group and signals */
struct job *job_create(const char *source);
void job_add(struct job *job, int pid);
int job_group(const struct job *job); /* 0: no member yet */
int job_wait(struct job *job);        /* in the foreground; its status */
void job_to_background(struct job *job);
void jobs_notice(bool all); /* tell about changes; `all`: every job */
builtin builtin_jobs, builtin_fg, builtin_bg, builtin_wait, builtin_kill;

/* ---- edit.c, complete.c ---- */

/* A line typed on the terminal, without its newline, in the arena; NULL at the end. */
char *edit_line(const char *prompt);
/* The words that `word` may become: commands (the first word) or files. */
void complete_word(const char *word, bool is_command, struct list *found);
