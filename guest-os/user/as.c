/* as [-o FILE] SOURCE: assembles a program for this processor and writes it as an executable file
 * (a.out if not told). One line is one instruction in the order "operation source, destination", as
 * in `addl $4, %ebx`; labels end with a colon; # begins a comment. Directives: .text .data .bss
 * .globl .long .byte .ascii .asciz .space, and NAME = VALUE. Every instruction gets its shortest
 * form, so lines are gone through until no jump grows any more. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE        "as [-o FILE] SOURCE"
#define ORIGIN       0x10000u
#define HEADER_BYTES 84u /* of the ELF file: header and one program header */
#define SYMBOLS_MOST 512
#define LINES_MOST   4096
#define NAME_BYTES   32
#define PASSES_MOST  64
#define NO_REGISTER  8

enum section { TEXT, DATA, BSS, SECTIONS };

struct symbol {
    char name[NAME_BYTES];
    uint32_t value; /* address, or offset while its section's place is not known */
    bool is_defined, is_label;
};

enum kind { NONE, REGISTER, BYTE_REGISTER, IMMEDIATE, MEMORY };

struct operand {
    enum kind kind;
    uint32_t number;      /* of the register */
    uint32_t value;       /* immediate or displacement */
    bool is_symbolic;     /* an address: always 32 bits */
    uint32_t base, index; /* registers or NO_REGISTER */
    uint32_t scale;       /* 0..3: 1, 2, 4, 8 */
};

static struct symbol symbols[SYMBOLS_MOST];
static int symbol_count;
static bool is_long[LINES_MOST]; /* the jump in this line does not reach with 8 bits */
static uint8_t *bytes[SECTIONS];
static uint32_t sizes[SECTIONS], starts[SECTIONS];
static enum section section;
static int line_number;
static bool first_pass, last_pass, has_changed;
static const char *source_name;

static const char *const registers[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
static const char *const byte_registers[] = {"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"};
static const char *const arithmetic[] = {"add", "or", "adc", "sbb", "and", "sub", "xor", "cmp"};
static const char *const shifts[] = {"rol", "ror", "rcl", "rcr", "shl", "shr", "sal", "sar"};
static const char *const conditions[] = {"o", "no", "b",  "ae", "e", "ne", "be", "a",
                                         "s", "ns", "pe", "po", "l", "ge", "le", "g"};
static const char *const other_conditions[] = {"", "", "c", "nc", "z",   "nz", "na", "nbe",
                                               "", "", "p", "np", "nge", "nl", "ng", "nle"};

static _Noreturn void wrong(const char *words, const char *what)
{
    errx(1, "%s:%d: %s: %s", source_name, line_number, words, what);
}

static int find(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

static uint32_t here(void)
{
    return starts[section] + sizes[section];
}

static void emit(uint32_t value, int count)
{
    if (section == BSS && value != 0) {
        wrong("there are only zeros in", ".bss");
    }
    for (int i = 0; i < count; i++, value >>= 8) {
        if (section != BSS && sizes[section] % 4096 == 0) {
            bytes[section] = realloc(bytes[section], sizes[section] + 4096);
            if (bytes[section] == NULL) {
                wrong("no memory", "too long");
            }
        }
        if (section != BSS) {
            bytes[section][sizes[section]] = (uint8_t)value;
        }
        sizes[section]++;
    }
}

static struct symbol *symbol_of(const char *name)
{
    for (int i = 0; i < symbol_count; i++) {
        if (strcmp(symbols[i].name, name) == 0) {
            return &symbols[i];
        }
    }
    if (symbol_count == SYMBOLS_MOST) {
        wrong("too many names", name);
    }
    snprintf(symbols[symbol_count].name, NAME_BYTES, "%s", name);
    return &symbols[symbol_count++];
}

static void define(const char *name, uint32_t value, bool is_label)
{
    struct symbol *symbol = symbol_of(name);

    has_changed = has_changed || !symbol->is_defined || symbol->value != value;
    symbol->value = value;
    symbol->is_defined = true;
    symbol->is_label = is_label;
}

static char *skip(char *at)
{
    return at + strspn(at, " \t");
}

static bool is_name_character(char c)
{
    return isalnum(c) || c == '_' || c == '.' || c == '$';
}

/* A name into `name`; what is behind it. */
static char *take_name(char *at, char name[NAME_BYTES])
{
    int length = 0;

    for (; is_name_character(at[length]) && length < NAME_BYTES - 1; length++) {
        name[length] = at[length];
    }
    name[length] = '\0';
    return at + length;
}

static uint32_t character(char **at)
{
    static const char letters[] = "n\nt\tr\r0\0\\\\\"\"''";

    if (**at == '\\') {
        ++*at;
        for (size_t i = 0; i + 1 < sizeof(letters); i += 2) {
            if (letters[i] == **at) {
                ++*at;
                return (uint8_t)letters[i + 1];
            }
        }
        wrong("no such character", *at);
    }
    return (uint8_t) * (*at)++;
}

/* Sums and differences of numbers, characters, names, and "." for this place. */
static uint32_t expression(char **at, bool *is_symbolic)
{
    uint32_t value = 0, term;
    int labels = 0;
    char sign = '+', name[NAME_BYTES], *end;

    do {
        char *p = skip(*at);

        if (*p == '-' || *p == '+') {
            sign = *p == sign ? '+' : '-';
            p = skip(p + 1);
        }
        if (isdigit(*p)) {
            term = strtoul(p, &end, 0);
            p = end;
        } else if (*p == '\'') {
            p++;
            term = character(&p);
            p += *p == '\'';
        } else if (*p == '.' && !is_name_character(p[1])) {
            term = here();
            labels += sign == '+' ? 1 : -1;
            p++;
        } else if (is_name_character(*p)) {
            struct symbol *symbol;

            p = take_name(p, name);
            symbol = symbol_of(name);
            if (last_pass && !symbol->is_defined) {
                wrong("unknown name", name);
            }
            labels += !symbol->is_defined || symbol->is_label ? (sign == '+' ? 1 : -1) : 0;
            term = symbol->value;
        } else {
            wrong("a value is missing at", p);
        }
        value += sign == '+' ? term : 0 - term;
        *at = skip(p);
        sign = **at;
    } while ((sign == '+' || sign == '-') && (++*at, true));
    *is_symbolic = *is_symbolic || labels != 0;
    return value;
}

static uint32_t take_register(char **at)
{
    char name[NAME_BYTES];
    int number;

    *at = skip(*at);
    if (**at != '%') {
        wrong("a register is missing at", *at);
    }
    *at = skip(take_name(*at + 1, name));
    number = find(registers, 8, name);
    if (number < 0) {
        wrong("no such register", name);
    }
    return (uint32_t)number;
}

static char *take_operand(char *at, struct operand *operand)
{
    char name[NAME_BYTES];

    *operand = (struct operand){.base = NO_REGISTER, .index = NO_REGISTER};
    at = skip(at);
    if (*at == '%') {
        at = take_name(at + 1, name);
        operand->kind = find(registers, 8, name) >= 0 ? REGISTER : BYTE_REGISTER;
        operand->number = (uint32_t)(operand->kind == REGISTER ? find(registers, 8, name)
                                                               : find(byte_registers, 8, name));
        if (operand->number > 7) {
            wrong("no such register", name);
        }
        return skip(at);
    }
    operand->kind = *at == '$' ? IMMEDIATE : MEMORY;
    at += *at == '$';
    if (*at != '(') {
        operand->value = expression(&at, &operand->is_symbolic);
    }
    if (*at == '(' && operand->kind == MEMORY) {
        at = skip(at + 1);
        operand->base = *at == ',' ? NO_REGISTER : take_register(&at);
        if (*at == ',') {
            at++;
            operand->index = take_register(&at);
            if (*at == ',') {
                bool symbolic = false;
                uint32_t factor;

                at++;
                factor = expression(&at, &symbolic);
                operand->scale = factor == 8 ? 3 : factor / 2;
            }
        }
        if (*at != ')' || operand->index == 4) {
            wrong("this is no address", at);
        }
        at = skip(at + 1);
    }
    return at;
}

#include "user/as_encode.h"

/* call, jmp and the conditional jumps to a label, or (with a star) to where a place says. */
static bool assemble_jump(const char *name, char *at)
{
    bool is_call = strcmp(name, "call") == 0, is_jump = strcmp(name, "jmp") == 0, symbolic = false;
    int condition = name[0] == 'j' ? find(conditions, 16, name + 1) : -1;
    uint32_t to, distance;
    struct operand place;

    if (condition < 0 && name[0] == 'j' && name[1] != '\0') {
        condition = find(other_conditions, 16, name + 1);
    }
    if (!is_call && !is_jump && condition < 0) {
        return false;
    }
    if (*at == '*') {
        take_operand(at + 1, &place);
        emit(0xFF, 1);
        emit_place(is_call ? 2 : 4, &place);
        return !is_register(&place) || place.kind == REGISTER;
    }
    to = expression(&at, &symbolic);
    distance = to - (here() + 2);
    if (!is_call && !first_pass && !is_long[line_number] && distance + 128 >= 256) {
        has_changed = is_long[line_number] = true;
    }
    if (!is_call && !is_long[line_number]) {
        emit(is_jump ? 0xEB : 0x70 | (uint32_t)condition, 1);
        emit(distance, 1);
        return true;
    }
    if (is_call || is_jump) {
        emit(is_call ? 0xE8 : 0xE9, 1);
    } else {
        emit(0x800F | (uint32_t)condition << 8, 2);
    }
    emit(to - (here() + 4), 4);
    return true;
}

static void instruction(char *name, char *at)
{
    static const char *const plain[] = {"ret",   "nop",  "cltd",  "leave", "hlt", "cld", "std",
                                        "pusha", "popa", "pushf", "popf",  "cli", "sti", "int3"};
    static const uint8_t codes[] = {0xC3, 0x90, 0x99, 0xC9, 0xF4, 0xFC, 0xFD,
                                    0x60, 0x61, 0x9C, 0x9D, 0xFA, 0xFB, 0xCC};
    struct operand first = {0}, second = {0};
    char as_written[NAME_BYTES];
    const char *full = strcpy(as_written, name);
    size_t length = strlen(name);
    int row = find(plain, sizeof(codes), name);
    bool is_done, byte_suffix = false;

    if (row >= 0) {
        emit(codes[row], 1);
        return;
    }
    if (assemble_jump(name, at)) {
        return;
    }
    at = take_operand(at, &first);
    if (*at == ',') {
        at = take_operand(at + 1, &second);
    }
    if (*at != '\0') {
        wrong("too much in the line", at);
    }
    if (length > 2 && (name[length - 1] == 'l' || name[length - 1] == 'b') &&
        strcmp(name, "shl") != 0 && strcmp(name, "sal") != 0 && strcmp(name, "rol") != 0 &&
        strcmp(name, "rcl") != 0 && strcmp(name, "mul") != 0 && strcmp(name, "imul") != 0 &&
        strcmp(name, "sub") != 0 && strcmp(name, "sbb") != 0) {
        byte_suffix = name[length - 1] == 'b';
        name[length - 1] = '\0';
    }
    byte_suffix = byte_suffix || second.kind == BYTE_REGISTER ||
                  (first.kind == BYTE_REGISTER && find(shifts, 8, name) < 0);
    is_done = second.kind == NONE ? assemble_one(name, &first, !byte_suffix)
                                  : assemble_two(name, &first, &second, !byte_suffix);
    if (!is_done) {
        wrong("no such instruction, or not with these operands", full);
    }
}

static void texts(char *at, bool with_null)
{
    for (;; at = skip(at + 1)) {
        if (*at++ != '"') {
            wrong("a text is missing at", at - 1);
        }
        while (*at != '"' && *at != '\0') {
            emit(character(&at), 1);
        }
        emit(0, with_null);
        at = skip(at + (*at == '"'));
        if (*at != ',') {
            return;
        }
    }
}

static void directive(const char *name, char *at)
{
    static const char *const sections[] = {".text", ".data", ".bss"};
    int number = find(sections, SECTIONS, name);
    bool symbolic = false;

    if (number >= 0) {
        section = (enum section)number;
    } else if (strcmp(name, ".long") == 0 || strcmp(name, ".byte") == 0) {
        for (bool more = true; more; at++) {
            emit(expression(&at, &symbolic), name[1] == 'l' ? 4 : 1);
            more = *at == ',';
        }
    } else if (strcmp(name, ".ascii") == 0 || strcmp(name, ".asciz") == 0) {
        texts(at, name[5] == 'z');
    } else if (strcmp(name, ".space") == 0) {
        for (uint32_t count = expression(&at, &symbolic); count > 0 && count < 1u << 24; count--) {
            emit(0, 1);
        }
    } else if (strcmp(name, ".globl") != 0) {
        wrong("no such directive", name);
    }
}

/* A comment ends the line, unless its sign is in a text. */
static void cut_comment(char *line)
{
    bool in_text = false;

    for (; *line != '\0' && *line != '\n'; line++) {
        in_text = in_text != (*line == '"' && line[-1] != '\\');
        if (*line == '#' && !in_text) {
            break;
        }
    }
    while (isspace(line[-1])) {
        line--;
    }
    *line = '\0';
}

static void statement(char *line)
{
    char name[NAME_BYTES], *at = skip(line), *end;
    bool symbolic = false;

    for (end = take_name(at, name); *end == ':'; end = take_name(at, name)) {
        define(name, here(), true);
        at = skip(end + 1);
    }
    end = skip(end);
    if (*end == '=') {
        end++;
        define(name, expression(&end, &symbolic), false);
    } else if (name[0] == '.') {
        directive(name, end);
    } else if (*at != '\0') {
        instruction(name, end);
    }
}

static void pass(FILE *source)
{
    char line[258] = ":"; /* so that there is a character before the first */

    has_changed = false;
    section = TEXT;
    memset(sizes, 0, sizeof(sizes));
    rewind(source);
    for (line_number = 1; fgets(line + 1, sizeof(line) - 1, source) != NULL; line_number++) {
        if (line_number == LINES_MOST || strlen(line) > 255) {
            wrong("too long", "the source, or this line of it");
        }
        cut_comment(line + 1);
        statement(line + 1);
    }
    if (starts[DATA] != starts[TEXT] + sizes[TEXT] || starts[BSS] != starts[DATA] + sizes[DATA]) {
        has_changed = true;
    }
    starts[DATA] = starts[TEXT] + sizes[TEXT];
    starts[BSS] = starts[DATA] + sizes[DATA];
}

/* One segment: header, code and data as they are in the file, then zeros. See: elf(5) */
static void write_program(const char *path)
{
    struct symbol *start = symbol_of("_start");
    uint32_t in_file = HEADER_BYTES + sizes[TEXT] + sizes[DATA];
    uint32_t header[] = {0x464C457F,
                         0x00010101,
                         0,
                         0,
                         0x00030002,
                         1,
                         start->is_defined ? start->value : starts[TEXT],
                         52,
                         0,
                         0,
                         0x00200034,
                         1,
                         0,
                         1,
                         0,
                         ORIGIN,
                         ORIGIN,
                         in_file,
                         in_file + sizes[BSS],
                         7,
                         4096};
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0777u);

    if (fd < 0 || write(fd, header, HEADER_BYTES) != HEADER_BYTES ||
        write(fd, bytes[TEXT], sizes[TEXT]) != (int)sizes[TEXT] ||
        write(fd, bytes[DATA], sizes[DATA]) != (int)sizes[DATA] || close(fd) != 0) {
        err(1, "%s", path);
    }
}

int main(int argc, char **argv)
{
    const char *target = "a.out";
    FILE *source;
    int option, passes = 0;

    while ((option = getopt(argc, argv, "o:")) != -1) {
        if (option != 'o') {
            usage(1, USAGE);
        }
        target = optarg;
    }
    if (optind != argc - 1) {
        usage(1, USAGE);
    }
    source_name = argv[optind];
    source = fopen(source_name, "r");
    if (source == NULL) {
        err(1, "%s", source_name);
    }
    starts[TEXT] = ORIGIN + HEADER_BYTES;
    first_pass = true; /* addresses of what follows are not known yet */
    do {
        pass(source);
        first_pass = false;
    } while (has_changed && ++passes < PASSES_MOST);
    last_pass = true;
    pass(source);
    write_program(target);
    return 0;
}
