/* Themes: contrast as WCAG 2.1 counts it, and whether people who are blind to red or green can
 * tell the modes and marks apart in the themes made for them.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "emu/paint_cells.h"

/* IEC 61966-2-1: the linear value of a channel, 0 red to 2 blue. */
static double linear(uint32_t colour, uint32_t channel)
{
    double value = (double)(colour >> (16 - channel * 8) & 255u) / 255;

    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

/* WCAG 2.1, "relative luminance". */
static double luminance(uint32_t colour)
{
    return 0.2126 * linear(colour, 0) + 0.7152 * linear(colour, 1) + 0.0722 * linear(colour, 2);
}

static double contrast(uint32_t one, uint32_t other)
{
    double a = luminance(one) + 0.05;
    double b = luminance(other) + 0.05;

    return a > b ? a / b : b / a;
}

/* WCAG 2.1, 1.4.3 (4.5) and 1.4.6 (7). */
static void test_every_ink_is_readable_on_its_paper(void **state)
{
    (void)state;
    struct paint_palette *palette = malloc(sizeof *palette);

    for (uint32_t theme = 0; theme < THEME_COUNT; theme++) {
        double least = theme == THEME_CONTRAST ? 7 : 4.5;
        paint_palette(palette, (enum paint_theme)theme);
        for (uint32_t role = 0; role < ROLE_VGA_FIRST; role++) {
            double found = contrast(palette->ink[role], palette->paper[role]);
            if (found < least) {
                fail_msg("%s, role %u: contrast %.2f", paint_theme_word((enum paint_theme)theme),
                         role, found);
            }
        }
    }
    free(palette);
}

/* Machado, Oliveira, Fernandes 2009, table of matrices, severity 1.0, on linear RGB. */
static const double blindness[2][3][3] = {
    {{0.152286, 1.052583, -0.204868},
     {0.114503, 0.786281, 0.099216},
     {-0.003882, -0.048116, 1.051998}},
    {{0.367322, 0.860646, -0.227968},
     {0.280085, 0.672501, 0.047413},
     {-0.011820, 0.042940, 0.968881}},
};

/* CIE 1976 L*a*b* of a colour as it is seen, white D65. */
static void lab_seen(uint32_t colour, const double matrix[3][3], double lab[3])
{
    static const double to_xyz[3][3] = {
        {0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}};
    static const double white[3] = {0.9505, 1.0, 1.089};
    double seen[3];
    double f[3];

    for (uint32_t i = 0; i < 3; i++) {
        seen[i] = 0;
        for (uint32_t k = 0; k < 3; k++) {
            seen[i] += matrix[i][k] * linear(colour, k);
        }
        seen[i] = seen[i] < 0 ? 0 : seen[i] > 1 ? 1 : seen[i];
    }
    for (uint32_t i = 0; i < 3; i++) {
        double xyz =
            (to_xyz[i][0] * seen[0] + to_xyz[i][1] * seen[1] + to_xyz[i][2] * seen[2]) / white[i];
        f[i] = xyz > 0.008856 ? cbrt(xyz) : 7.787 * xyz + 16.0 / 116;
    }
    lab[0] = 116 * f[1] - 16;
    lab[1] = 500 * (f[0] - f[1]);
    lab[2] = 200 * (f[1] - f[2]);
}

static double difference(uint32_t one, uint32_t other, const double matrix[3][3])
{
    double a[3];
    double b[3];

    lab_seen(one, matrix, a);
    lab_seen(other, matrix, b);
    return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) +
                (a[2] - b[2]) * (a[2] - b[2]));
}

static void test_safe_themes_are_told_apart_by_colour_blind_eyes(void **state)
{
    (void)state;
    static const enum paint_theme safe[] = {THEME_SAFE_DARK, THEME_SAFE_LIGHT};
    static const enum grid_role apart[][2] = {{ROLE_USER, ROLE_KERNEL},
                                              {ROLE_USER, ROLE_CHANGED},
                                              {ROLE_TEXT, ROLE_CHANGED},
                                              {ROLE_TEXT, ROLE_KERNEL},
                                              {ROLE_KERNEL, ROLE_KEY}};
    struct paint_palette *palette = malloc(sizeof *palette);

    for (uint32_t theme = 0; theme < 2; theme++) {
        paint_palette(palette, safe[theme]);
        for (uint32_t kind = 0; kind < 2; kind++) {
            for (uint32_t pair = 0; pair < sizeof apart / sizeof apart[0]; pair++) {
                double found = difference(palette->ink[apart[pair][0]],
                                          palette->ink[apart[pair][1]], blindness[kind]);
                if (found < 20) { /* CIE 1976: about 2 is just noticeable side by side */
                    fail_msg("%s, blindness %u, pair %u: difference %.1f",
                             paint_theme_word(safe[theme]), kind, pair, found);
                }
            }
        }
    }
    free(palette);
}

static void test_themes_are_found_by_their_words(void **state)
{
    (void)state;

    for (uint32_t theme = 0; theme < THEME_COUNT; theme++) {
        assert_int_equal(paint_theme_named(paint_theme_word((enum paint_theme)theme)), theme);
    }
    assert_int_equal(paint_theme_named("d"), THEME_DARK);
    assert_int_equal(paint_theme_named("safe"), THEME_COUNT);
    assert_int_equal(paint_theme_named(""), THEME_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_ink_is_readable_on_its_paper),
        cmocka_unit_test(test_safe_themes_are_told_apart_by_colour_blind_eyes),
        cmocka_unit_test(test_themes_are_found_by_their_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
