/* distance.c: see distance.h.
 *
 * Levenshtein: for patterns of up to 64 code points the column of the matrix is two words of
 * bits (G. Myers, 1999; for whole texts as in H. Hyyrö, 2003); for longer ones the band of the
 * matrix within `max` of its diagonal (E. Ukkonen, 1985), after what both texts begin and end
 * with. */
#include "base/distance.h"

#include "base/alloc.h"
#include "base/text.h"

#define WORD 64
#define OTHERS 128 /* a power of two, twice as many as there may be in a pattern */

/* Where each code point stands in the pattern, a bit for each place. */
typedef struct places {
    uint64_t ascii[128];
    struct {
        uint32_t point;
        uint64_t bits; /* 0 = free */
    } others[OTHERS];
    bool has_others;
} places;

struct as_pattern {
    uint32_t *points, *text; /* of the pattern, of the text compared with it */
    size_t count, longest;
    unsigned *band;         /* 2 * longest + 3 */
    uint8_t *mine, *theirs; /* common characters, for Jaro */
    places at;              /* where count <= WORD */
};

as_pattern *as_pattern_open(size_t longest)
{
    as_pattern *p = as_calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->longest = longest;
    p->points = as_calloc(longest + 1, sizeof *p->points);
    p->text = as_calloc(longest + 1, sizeof *p->text);
    p->band = as_calloc(2 * longest + 3, sizeof *p->band);
    p->mine = as_calloc(longest + 1, 1);
    p->theirs = as_calloc(longest + 1, 1);
    if (p->points && p->text && p->band && p->mine && p->theirs)
        return p;
    as_pattern_close(p);
    return NULL;
}

void as_pattern_close(as_pattern *p)
{
    if (!p)
        return;
    as_free(p->points);
    as_free(p->text);
    as_free(p->band);
    as_free(p->mine);
    as_free(p->theirs);
    as_free(p);
}

/* ---- Levenshtein, up to a word ---- */

static size_t other_at(const places *at, uint32_t point)
{
    size_t i = (point * 2654435761u) >> 25;
    while (at->others[i].bits && at->others[i].point != point)
        i = (i + 1) & (OTHERS - 1);
    return i;
}

static uint64_t places_of(const places *at, uint32_t point)
{
    if (point < 128)
        return at->ascii[point];
    return at->has_others ? at->others[other_at(at, point)].bits : 0;
}

static void set_places(places *at, const uint32_t *points, size_t n)
{
    memset(at->ascii, 0, sizeof at->ascii);
    if (at->has_others)
        memset(at->others, 0, sizeof at->others);
    at->has_others = false;
    for (size_t i = 0; i < n; i++) {
        uint64_t bit = (uint64_t)1 << i;
        if (points[i] < 128) {
            at->ascii[points[i]] |= bit;
            continue;
        }
        size_t k = other_at(at, points[i]);
        at->others[k].point = points[i];
        at->others[k].bits |= bit;
        at->has_others = true;
    }
}

/* up, down: where the column grows or shrinks by one from a row to the next; score: its last
 * row. m: 1 to 64. */
static size_t edits_by_word(const places *at, size_t m, const uint32_t *text, size_t n,
                            size_t max)
{
    const uint64_t last = (uint64_t)1 << (m - 1);
    uint64_t up = ~(uint64_t)0, down = 0;
    size_t score = m;
    for (size_t j = 0; j < n; j++) {
        uint64_t same = places_of(at, text[j]);
        uint64_t across = (((same & up) + up) ^ up) | same;
        uint64_t grows = down | ~(across | up), shrinks = up & across;
        score += (grows & last) != 0;
        score -= (shrinks & last) != 0;
        if (score > max + (n - 1 - j)) /* each character that is left saves one at most */
            return max + 1;
        grows = grows << 1 | 1;
        shrinks <<= 1;
        uint64_t diagonal = same | down;
        up = shrinks | ~(diagonal | grows);
        down = grows & diagonal;
    }
    return score;
}

/* ---- Levenshtein, any length ---- */

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Row after row of the matrix, of each only |i - j| <= max: band[d] is column i + d - max - 1.
 * band[0] and band[2 * max + 2] stay far. */
static size_t edits_by_band(const uint32_t *a, size_t na, const uint32_t *b, size_t nb,
                            size_t max, unsigned *band)
{
    const unsigned far = (unsigned)max + 1;
    const size_t width = 2 * max + 1;
    for (size_t d = 0; d <= width + 1; d++)
        band[d] = d >= max + 1 && d <= width ? (unsigned)(d - max - 1) : far;
    for (size_t i = 1; i <= na; i++) {
        unsigned best = far;
        for (size_t d = 1; d <= width; d++) {
            size_t j = i + d - max - 1; /* wraps where the column is left of the matrix */
            if (i + d < max + 1 || j > nb) {
                band[d] = far;
                continue;
            }
            unsigned x = j == 0 ? (unsigned)i : band[d] + (a[i - 1] != b[j - 1]);
            x = band[d + 1] + 1 < x ? band[d + 1] + 1 : x;
            x = band[d - 1] + 1 < x ? band[d - 1] + 1 : x;
            band[d] = x < far ? x : far;
            best = band[d] < best ? band[d] : best;
        }
        if (best == far)
            return far;
    }
    return band[nb + max + 1 - na];
}

static size_t edits_of_long(const as_pattern *p, size_t n, size_t max)
{
    const uint32_t *a = p->points, *b = p->text;
    size_t na = p->count, nb = n;
    for (; na && nb && a[na - 1] == b[nb - 1]; na--, nb--)
        ;
    for (; na && nb && *a == *b; na--, nb--, a++, b++)
        ;
    return na && nb ? edits_by_band(a, na, b, nb, max, p->band) : na + nb;
}

unsigned as_pattern_edits(as_pattern *p, as_str text, unsigned max)
{
    size_t n = as_text_points(text, p->text), m = p->count, d;
    size_t most = min_size(max, m > n ? m : n); /* never more edits than that */
    size_t gap = m > n ? m - n : n - m;
    if (gap > max)
        return max + 1;
    if (m == 0 || n == 0)
        d = gap;
    else if (m <= WORD)
        d = edits_by_word(&p->at, m, p->text, n, most);
    else
        d = edits_of_long(p, n, most);
    return d > max ? max + 1 : (unsigned)d;
}

/* ---- Jaro-Winkler ---- */

/* Characters that both have within reach of each other, and how many of them are out of order.
 */
typedef struct common {
    size_t count, out_of_order;
} common;

static size_t reach_of(size_t m, size_t n)
{
    size_t longer = m > n ? m : n;
    return longer / 2 > 1 ? longer / 2 - 1 : 0;
}

/* Both of 1 to 64 code points. */
static common common_by_word(const as_pattern *p, size_t n)
{
    const size_t m = p->count, reach = reach_of(m, n);
    uint64_t mine = 0, theirs = 0;
    common out = {0, 0};
    for (size_t j = 0; j < n; j++) {
        size_t from = j > reach ? j - reach : 0, to = min_size(m - 1, j + reach);
        uint64_t near = ~(uint64_t)0 << from & ~(uint64_t)0 >> (WORD - 1 - to);
        uint64_t free_ones = places_of(&p->at, p->text[j]) & near & ~mine;
        mine |= free_ones & (0 - free_ones); /* the first of them */
        theirs |= (uint64_t)(free_ones != 0) << j;
    }
    for (; mine; mine &= mine - 1, theirs &= theirs - 1, out.count++)
        out.out_of_order +=
            p->points[__builtin_ctzll(mine)] != p->text[__builtin_ctzll(theirs)];
    return out;
}

static common common_of_long(as_pattern *p, size_t n)
{
    const size_t m = p->count, reach = reach_of(m, n);
    common out = {0, 0};
    memset(p->mine, 0, m);
    memset(p->theirs, 0, n);
    for (size_t j = 0; j < n; j++) {
        size_t to = min_size(m, j + reach + 1);
        for (size_t i = j > reach ? j - reach : 0; i < to; i++)
            if (!p->mine[i] && p->points[i] == p->text[j]) {
                p->mine[i] = p->theirs[j] = 1;
                out.count++;
                break;
            }
    }
    for (size_t i = 0, j = 0; i < m; i++) {
        if (!p->mine[i])
            continue;
        while (!p->theirs[j])
            j++;
        out.out_of_order += p->points[i] != p->text[j++];
    }
    return out;
}

double as_pattern_similarity(as_pattern *p, as_str text)
{
    size_t n = as_text_points(text, p->text), m = p->count, prefix = 0;
    if (m == 0 || n == 0)
        return m == n ? 1 : 0;
    common x = m <= WORD && n <= WORD ? common_by_word(p, n) : common_of_long(p, n);
    if (x.count == 0)
        return 0;
    const size_t pairs = x.out_of_order / 2; /* whole ones */
    double same = (double)x.count, swapped = (double)pairs;
    double jaro = (same / (double)m + same / (double)n + (same - swapped) / same) / 3;
    if (!(jaro > 0.7))
        return jaro;
    while (prefix < 4 && prefix < m && prefix < n && p->points[prefix] == p->text[prefix])
        prefix++;
    return jaro + 0.1 * (double)prefix * (1 - jaro);
}

/* ---- one text ---- */

void as_pattern_set(as_pattern *p, as_str text)
{
    p->count = as_text_points(text, p->points);
    if (p->count <= WORD)
        set_places(&p->at, p->points, p->count);
}

/* Kinds 0 to 25 for letters, 26 to 35 for digits; what is neither shares theirs, which says
 * less and nothing wrong. Bits 36 to 61: a second of kinds 0 to 25. */
uint64_t as_text_bag(as_str text)
{
    uint64_t bag = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        unsigned kind = c % 36u;
        if (c >= 'a' && c <= 'z')
            kind = c - (unsigned)'a';
        else if (c >= '0' && c <= '9')
            kind = 26 + c - (unsigned)'0';
        if ((c & 0xC0) == 0x80)
            continue; /* a character is counted once, by its first byte */
        uint64_t bit = (uint64_t)1 << kind;
        bag |= kind < 26 && (bag & bit) ? bit << 36 : bit;
    }
    return bag;
}
