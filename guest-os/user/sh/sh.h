/* sh, the shell: what its parts share. Input is cut into words and operators (lexer.c), these
 * become a tree of commands (parser.c), words are expanded when their command is run (expand.c,
 * variables.c, pattern.c, arithmetic.c), commands run in processes (run.c), which are jobs
 * (jobs.c). See: POSIX.1-2017, "Shell Command Language". SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- memory.c: memory that is given back all at once ---- */

struct arena_mark {
    struct arena_block *block;
    size_t used; /* bytes of it */
};
void *arena_allocate(size_t bytes); /* zeros; ends the shell if there is no memory */
char *arena_text(const char *from, size_t length);
struct arena_mark arena_now(void);
void arena_release(struct arena_mark mark); /* everything allocated since then */

/* A text that grows; in the arena. */
struct text {
    char *bytes; /* ends with a null byte */
    size_t length, room;
};
void text_add(struct text *text, char c);
void text_add_all(struct text *text, const char *from);

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

struct lexer {
    const char *at;             /* what is left of the source */
    struct token token;         /* the one looked at */
    struct redirect *documents; /* here-documents whose text comes after this line */
};
void lexer_start(struct lexer *lexer, const char *source);
void lexer_next(struct lexer *lexer);
/* After a $( the end of the command in it, behind its ")"; NULL: not there. */
const char *lexer_skip_parentheses(const char *at);

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
    char kind[4];  /* "<", ">", ">>", "<<", "<<-", "<&", ">&", "<>" */
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
 * *error: what was not expected. */
enum parse_result parse(const char **source, struct command **command, const char **error);

/* ---- expand.c, pattern.c, arithmetic.c, variables.c ---- */

/* All expansions and splitting into fields; a field is in the arena. */
void expand_words(const struct word *words, struct list *fields);
char *expand_single(const char *raw);    /* no splitting, no file names */
char *expand_pattern(const char *raw);   /* quoted characters come with a backslash */
char *expand_document(const char *text); /* only $ and ` */
bool pattern_matches(const char *pattern, const char *text);
bool pattern_is_plain(const char *pattern); /* no *, ? or [ that counts */
void pattern_files(const char *pattern, struct list *found);
int arithmetic(const char *expression);

const char *variable_get(const char *name); /* NULL: not set */
void variable_set(const char *name, const char *value);
void variable_export(const char *name);
void variable_unset(const char *name);
void variables_start(void); /* from the environment */
void variables_print(bool exported_only);
bool is_name(const char *text, size_t length);

/* ---- run.c ---- */

struct shell {
    int status;               /* $? */
    int last_background;      /* $!, 0 none */
    int pid;                  /* $$ */
    char **arguments;         /* $0, $1, ...; ends with NULL */
    bool interactive;         /* prompts, job control, history */
    bool is_child;            /* a subshell: no job control of its own */
    bool trace;               /* set -x */
    volatile int interrupted; /* leave everything, back to the prompt */
    int leave_loops;          /* break and continue: how many loops */
    bool is_continue;         /* the last of them goes on */
    bool is_return;           /* leave the function */
    int depth;                /* of functions and subshells */
};
extern struct shell shell;

int run(struct command *command);
int run_source(const char *source, const char *name); /* a script, or eval */
char *run_for_output(const char *source);             /* $(...) */
bool function_define(const char *name, const char *source);

/* ---- builtins.c ---- */

typedef int builtin(char **argv);
builtin *builtin_find(const char *name);

/* ---- jobs.c ---- */

struct job;
void jobs_start(void);
void jobs_child(int group, bool foreground); /* in a new process: its group and signals */
struct job *job_create(const char *source);
void job_add(struct job *job, int pid);
int job_group(const struct job *job); /* 0: no member yet */
int job_wait(struct job *job);        /* in the foreground; its status */
void job_to_background(struct job *job);
void jobs_notice(bool all); /* tell about changes; `all`: every job */
builtin builtin_jobs, builtin_fg, builtin_bg, builtin_wait, builtin_kill;

/* ---- edit.c ---- */

/* A line typed on the terminal, without its newline, in the arena; NULL at the end. */
char *edit_line(const char *prompt);
