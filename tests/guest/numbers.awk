# Floating point as a C library does it: divisions, sums, formats with long double behind them.
# SPDX-License-Identifier: MIT
BEGIN {
    for (i = 1; i <= 60; i++) {
        x = i / 7.0
        y = x * x - 3 / x
        printf "%.17g %.17g %.3f %e %g %.20f %d %a\n", x, y, x * 1e10, x / 1e300, y, 1 / x, x * 1000, y
    }
    sum = 0
    for (i = 1; i < 3000; i++) {
        sum += 1 / (i * i)
    }
    printf "%.17g\n", 6 * sum
    x = 1
    for (i = 0; i < 30; i++) {
        x = (x + 2 / x) / 2
    }
    printf "%.17g\n", x
    printf "%.17g %.17g %.17g\n", 4195835 / 3145727 * 3145727, 0.1 + 0.2, 1e308 * 10
    printf "%g %g %g\n", -1e308 * 10, 5e-324, 5e-324 / 2
    for (x = 1e-320; x < 1e300; x *= 1234567.891) {
        printf "%.17e %.5g\n", x, 1 / x
    }
    print 1e6 * 1e6, 17 % 5.25, -7.5 % 2, int(-3.7)
}
