/* man [SECTION] NAME... | man -k WORD | man -l [SECTION]: a page of the manual: 1 programs, 2
 * system calls, 3 the library, 7 concepts. -k: pages with this word in their first line; -l: all
 * pages. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER      "/usr/share/man"
#define PAGE_MARK   '\f' /* before the line with the names of a page */
#define BRIEF_BYTES 256
#define USAGE       "man [SECTION] NAME... | man -k WORD | man -l [SECTION]"

static const char sections[] = "1237";
static const char *const titles[] = {"Programs", "System calls", "Library", "Concepts"};

static FILE *open_section(char section)
{
    char path[sizeof(FOLDER) + 3];

    snprintf(path, sizeof(path), "%s/%c", FOLDER, section);
    return fopen(path, "r");
}

/* Is `name` one of the words of a line that names a page? */
static bool has_name(const char *line, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = line + 1; *at != '\0'; at += strspn(at, " \n")) {
        size_t word = strcspn(at, " \n");

        if (word == length && strncmp(at, name, length) == 0) {
            return true;
        }
        at += word;
    }
    return false;
}

/* Copy the page to `to`; false: this section has none of that name. */
static bool copy_page(char section, const char *name, FILE *to)
{
    FILE *from = open_section(section);
    bool is_inside = false, found = false;
    char *line = NULL;
    size_t room = 0;

    if (from == NULL) {
        return false;
    }
    while (getline(&line, &room, from) > 0) {
        if (line[0] == PAGE_MARK) {
            is_inside = !found && has_name(line, name);
            found = found || is_inside;
        } else if (is_inside) {
            fputs(line, to);
        }
    }
    fclose(from);
    free(line);
    return found;
}

/* What follows NAME, as one line: "name, other - what it is". */
static void read_brief(FILE *from, char brief[BRIEF_BYTES])
{
    char *line = NULL;
    size_t room = 0, used = 0;
    bool is_inside = false;

    brief[0] = '\0';
    while (getline(&line, &room, from) > 0 && !(is_inside && line[0] == '\n')) {
        const char *text = line + strspn(line, " ");

        if (is_inside && used < BRIEF_BYTES) {
            used += (size_t)snprintf(brief + used, BRIEF_BYTES - used, "%s%.*s", used ? " " : "",
                                     (int)strcspn(text, "\n"), text);
        }
        is_inside = is_inside || strcmp(line, "NAME\n") == 0;
    }
    free(line);
}

static bool contains(const char *text, const char *word)
{
    size_t length = strlen(word);

    for (; *text != '\0'; text++) {
        if (strncasecmp(text, word, length) == 0) {
            return true;
        }
    }
    return length == 0;
}

/* A line for each page whose brief has the word; how many. */
static int list_pages(char section, const char *word)
{
    FILE *from = open_section(section);
    char *line = NULL, brief[BRIEF_BYTES];
    size_t room = 0;
    int count = 0;

    if (from == NULL) {
        return 0;
    }
    while (getline(&line, &room, from) > 0) {
        if (line[0] == PAGE_MARK) {
            read_brief(from, brief);
            if (contains(brief, word)) {
                printf("(%c) %s\n", section, brief);
                count++;
            }
        }
    }
    fclose(from);
    free(line);
    return count;
}

static int list_all(char only, const char *word)
{
    int count = 0;

    for (size_t i = 0; sections[i] != '\0'; i++) {
        if (only == '\0' || only == sections[i]) {
            if (*word == '\0') {
                printf("%c %s\n", sections[i], titles[i]);
            }
            count += list_pages(sections[i], word);
        }
    }
    if (count == 0) {
        printf("man: no page has %s in its first line\n", word);
    }
    return count == 0;
}

/* To people through less, else as it is. */
static int show(char only, const char *name)
{
    bool is_for_people = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    FILE *to = is_for_people ? popen("less", "w") : stdout;
    bool found = false;

    for (size_t i = 0; sections[i] != '\0' && !found && to != NULL; i++) {
        found = (only == '\0' || only == sections[i]) && copy_page(sections[i], name, to);
    }
    if (is_for_people && to != NULL) {
        pclose(to);
    }
    if (!found) {
        fprintf(stderr, "man: %s: there is no such page%s%.1s; `man -k WORD` looks for words\n",
                name, only == '\0' ? "" : " in section ", &only);
    }
    return !found;
}

static bool is_section(const char *word)
{
    return strlen(word) == 1 && strchr(sections, word[0]) != NULL;
}

int main(int argc, char **argv)
{
    char only = '\0';
    int status = 0;

    if (access(FOLDER, R_OK) != 0) {
        errx(1, "there is no manual in " FOLDER ": it is on the bundled disk");
    }
    if (argc == 3 && strcmp(argv[1], "-k") == 0) {
        return list_all('\0', argv[2]);
    }
    if ((argc == 2 || (argc == 3 && is_section(argv[2]))) && strcmp(argv[1], "-l") == 0) {
        return list_all(argc == 3 ? argv[2][0] : '\0', "");
    }
    if (argc > 2 && is_section(argv[1])) {
        only = argv[1][0];
        argv++;
        argc--;
    }
    if (argc < 2 || argv[1][0] == '-') {
        usage(1, USAGE);
    }
    for (int i = 1; i < argc; i++) {
        status |= show(only, argv[i]);
    }
    return finish_output(status);
}
