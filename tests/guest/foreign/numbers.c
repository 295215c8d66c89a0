/* Conversions of floating-point numbers and mathematics, by the C library's own code on the x87.
 * SPDX-License-Identifier: MIT */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    static const char *const texts[] = {"0.1",    "1e308",   "4.9e-324", "-0",  "123456789.125",
                                        "1e-400", "0x1.8p3", "inf",      "nan", "3.5rest"};

    printf("%f %.0f %5.2f|%-10.3e|%g %a\n", 1.0 / 3, 2.5, -1.005, 12345.678, 1e21, 1.0);
    printf("%Lf %.20Lg %.15g\n", 1.5L, 0.1L, 0.1);
    for (unsigned int i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char *end;
        double value = strtod(texts[i], &end);

        printf("%s: %.17g, rest '%s'\n", texts[i], value, end);
    }
    for (int i = 1; i <= 5; i++) {
        volatile double x = i;

        printf("%.15g %.15g %.15g %.15g %.15g\n", sqrt(x), sin(x), exp(x), log(x), pow(x, 0.3));
    }
    printf("%ld %lld %.1f %.1f\n", lrint(2.5), llround(-2.5), floor(-1.5), fmod(7.5, 2));
    printf("%d %g %g\n", DBL_DIG, DBL_MAX, ldexp(1, -1074));
    return 0;
}
