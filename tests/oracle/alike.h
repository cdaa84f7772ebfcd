/* alike.h: how near two ASCII texts are, as the definitions say it and no faster. */
#ifndef AS_TESTS_ALIKE_H
#define AS_TESTS_ALIKE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Levenshtein distance by the whole matrix. */
static inline unsigned plain_edits(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b);
    unsigned *d = calloc((na + 1) * (nb + 1), sizeof *d);
#define D(i, j) d[(i) * (nb + 1) + (j)]
    for (size_t i = 0; i <= na; i++)
        for (size_t j = 0; j <= nb; j++) {
            if (i == 0 || j == 0) {
                D(i, j) = (unsigned)(i + j);
                continue;
            }
            unsigned x = D(i - 1, j - 1) + (a[i - 1] != b[j - 1]);
            x = D(i - 1, j) + 1 < x ? D(i - 1, j) + 1 : x;
            x = D(i, j - 1) + 1 < x ? D(i, j - 1) + 1 : x;
            D(i, j) = x;
        }
    unsigned out = D(na, nb);
#undef D
    free(d);
    return out;
}

/* Jaro-Winkler similarity of texts of less than 300 characters, with flags for what is taken.
 */
static inline double plain_similarity(const char *a, const char *b)
{
    int na = (int)strlen(a), nb = (int)strlen(b), longer = na > nb ? na : nb;
    int reach = longer / 2 - 1 < 0 ? 0 : longer / 2 - 1, prefix = 0;
    char taken_a[300] = {0}, taken_b[300] = {0}, from_a[300], from_b[300];
    double m = 0, t = 0;
    if (na == 0 || nb == 0)
        return na == nb;
    for (int i = 0; i < na; i++)
        for (int j = 0; j < nb && !taken_a[i]; j++)
            if (abs(i - j) <= reach && !taken_b[j] && a[i] == b[j])
                taken_a[i] = taken_b[j] = 1;
    for (int i = 0, k = 0; i < na; i++)
        if (taken_a[i])
            from_a[k++] = a[i], m++;
    for (int j = 0, k = 0; j < nb; j++)
        if (taken_b[j])
            from_b[k++] = b[j];
    for (int k = 0; k < (int)m; k++)
        t += from_a[k] != from_b[k];
    if (m == 0)
        return 0;
    double jaro = (m / na + m / nb + (m - floor(t / 2)) / m) / 3;
    while (prefix < 4 && a[prefix] && a[prefix] == b[prefix])
        prefix++;
    return jaro > 0.7 ? jaro + prefix * 0.1 * (1 - jaro) : jaro;
}

#endif
