/* generate.c: made-up data for the benchmark (bench/README.md), the same bytes for the same N.
 * usage: generate N FOLDER [SHAPE…]      N inspections, N/4 providers
 *
 * Shapes, as many as wanted: quoted (every cell), lf (line ends of one byte), long (names,
 * streets and event numbers), distinct (values that are few become many), skewed (half of the
 * records share a postcode, half of the inspections a provider), clean (nothing planted),
 * failing (every record breaks every rule about a single record).
 *
 * Everything about a record follows from its number through a hash, so that records need no
 * memory and files agree with each other. About one record in two hundred has an error of each
 * sort that the twelve checks look for. Names, streets and owners are put together from lists
 * of plain words; nothing here is anybody's. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- chance ---- */

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}

/* A number below n that belongs to question `what` about record i. */
static uint32_t pick(unsigned what, uint64_t i, uint32_t n)
{
    return (uint32_t)(((mix(mix(what + 1) ^ mix(i)) >> 32) * n) >> 32);
}

/* True for about `per_10000` records in ten thousand. */
static bool one_in(unsigned what, uint64_t i, uint32_t per_10000)
{
    return pick(what, i, 10000) < per_10000;
}

static struct shape {
    bool quoted, lf, longer, distinct, skewed, clean, failing;
} shape;

/* A planted error; `wrong`: one that breaks a rule about a single record. */
static bool slip(unsigned what, uint64_t i, uint32_t per_10000)
{
    return !shape.clean && one_in(what, i, per_10000);
}
static bool wrong(unsigned what, uint64_t i, uint32_t per_10000)
{
    return shape.failing || slip(what, i, per_10000);
}

/* ---- lists ---- */

#define COUNT(list) ((uint32_t)(sizeof(list) / sizeof *(list)))

static const char *const types[] = {"Children's home",
                                    "Children's home",
                                    "Children's home",
                                    "Children's home",
                                    "Children's home",
                                    "Children's home",
                                    "Independent Fostering Agency",
                                    "Boarding School",
                                    "Residential Special School",
                                    "Voluntary Adoption Agency",
                                    "Adoption Support Agency",
                                    "Further Education College with Residential Accommodation",
                                    "Residential Family Centre",
                                    "Secure Training Centre",
                                    "Residential Holiday Scheme"};
static const char *const regions[] = {
    "North West",      "West Midlands", "South East",
    "East Midlands",   "South West",    "Yorkshire and The Humber",
    "East of England", "London",        "North East"};
static const char *const sectors[] = {"Private",   "Private",         "Private",
                                      "Private",   "Local Authority", "Voluntary",
                                      "Voluntary", "Academy",         "Health Authority"};
static const char *const wrong_sectors[] = {"Privte", "PRIVATE", "N/A", "Charity", ""};
static const char *const wrong_regions[] = {"North Wset", "NE", "Wales", ""};
static const char *const words[] = {
    "Amber",  "Apple",    "Ash",    "Autumn", "Beech",   "Birch",  "Bramble", "Brook",
    "Castle", "Cedar",    "Cherry", "Clover", "Copper",  "Coral",  "Corner",  "Daisy",
    "Elm",    "Fern",     "Forest", "Garden", "Golden",  "Green",  "Harbour", "Hazel",
    "Heath",  "Heron",    "Hill",   "Holly",  "Iris",    "Ivy",    "Juniper", "Kestrel",
    "Lake",   "Larch",    "Laurel", "Lilac",  "Lime",    "Linden", "Maple",   "Meadow",
    "Mill",   "Moss",     "North",  "Oak",    "Orchard", "Otter",  "Park",    "Pine",
    "Poplar", "Primrose", "River",  "Robin",  "Rose",    "Rowan",  "Sand",    "Silver",
    "Spring", "Stone",    "Summer", "Swan",   "Thorn",   "Valley", "Violet",  "Walnut",
    "West",   "Willow",   "Winter", "Wood",   "Wren",    "Yew"};
static const char *const kinds[] = {"House", "Lodge", "View",   "Cottage", "Farm",
                                    "Manor", "Court", "Grange", "Villa",   "Place"};
static const char *const roads[] = {"Road",  "Street", "Lane", "Avenue",
                                    "Close", "Drive",  "Way",  "Gardens"};
static const char *const areas[] = {"AL", "B",  "BN", "CV", "DE", "E",  "EX", "GL", "HU",
                                    "L",  "LE", "M",  "NE", "OX", "PR", "S",  "YO"};

/* ---- dates: days since 1970-01-01 (H. Hinnant, "chrono-compatible low-level date algorithms")
 * ---- */

static int days_of(int y, int m, int d)
{
    y -= m <= 2;
    int era = y / 400, yoe = y - era * 400;
    int doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void date_text(int z, char out[16])
{
    z += 719468;
    int era = z / 146097, doe = z - era * 146097;
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int m = mp < 10 ? mp + 3 : mp - 9;
    snprintf(out, 16, "%02u/%02u/%04u", (unsigned)(doy - (153 * mp + 2) / 5 + 1) % 100,
             (unsigned)m % 100, (unsigned)(yoe + era * 400 + (m <= 2)) % 10000);
}

static int first_day, last_day, snapshot;

/* ---- CSV ---- */

static FILE *create(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (!f) {
        perror(path);
        exit(2);
    }
    setvbuf(f, NULL, _IOFBF, 1 << 20);
    return f;
}

static void cell(FILE *f, const char *s, bool last)
{
    if (shape.quoted || s[strcspn(s, ",\"\r\n")]) {
        putc('"', f);
        for (; *s; s++) {
            if (*s == '"')
                putc('"', f);
            putc(*s, f);
        }
        putc('"', f);
    } else {
        fputs(s, f);
    }
    fputs(!last ? "," : shape.lf ? "\n" : "\r\n", f);
}

static void cells(FILE *f, ...)
{
    va_list ap;
    va_start(ap, f);
    for (const char *s = va_arg(ap, const char *), *next; s; s = next) {
        next = va_arg(ap, const char *);
        cell(f, s, !next);
    }
    va_end(ap);
}

/* ---- providers ---- */

static uint64_t providers, everyone; /* there now; with those that left */

static bool left(uint64_t j)
{
    return j > 2 && one_in(1, j, 600);
}
static bool joined(uint64_t j)
{
    return j > 2 && !left(j) && one_in(2, j, 700);
}
static bool copied(uint64_t j)
{
    return j > 2 && slip(3, j, 50);
}

static uint64_t original(uint64_t j)
{
    while (copied(j))
        j--;
    return j;
}

static void urn(uint64_t j, char out[32])
{
    if (j % 3)
        snprintf(out, 32, "%llu", 1000000ull + (j * 7654321ull + 12345) % 8999993ull);
    else
        snprintf(out, 32, "SC%06llu", (j / 3 * 654321ull + 777) % 999983ull);
    if (wrong(4, j, 50)) {
        char right[32];
        strcpy(right, out);
        snprintf(out, 32, pick(5, j, 2) ? "URN%s" : "%s-A", right);
    }
}

static void plain_name(uint64_t j, char out[256])
{
    uint64_t k =
        one_in(10, j, 4000) ? pick(11, j, (uint32_t)(providers / 8 + 10)) : j + (1ull << 40);
    const char *a = words[pick(12, k, COUNT(words))], *b = words[pick(13, k, COUNT(words))];
    const char *kind = kinds[pick(14, k, COUNT(kinds))];
    switch (pick(15, k, 50)) {
    case 0:
        snprintf(out, 128, "%s %s, %s", a, kind, b);
        break;
    case 1:
        snprintf(out, 128, "The \"%s\" %s", a, kind);
        break;
    default:
        snprintf(out, 128, "%s %s %s %u", a, b, kind, 1 + pick(16, k, 400));
    }
}

/* Some more words, up to `room` bytes. */
static void lengthen(char *out, size_t room, unsigned what, uint64_t k)
{
    for (unsigned n = 0; shape.longer && n < 24; n++) {
        size_t len = strlen(out);
        snprintf(out + len, room - len, " %s", words[pick(what + n, k, COUNT(words))]);
    }
}

/* A copy has the original's name with a letter lost, changed or doubled, or in capitals. */
static void name(uint64_t j, char out[256])
{
    plain_name(original(j), out);
    lengthen(out, 255, 200, original(j));
    if (!copied(j))
        return;
    size_t len = strlen(out), at = 1 + pick(17, j, (uint32_t)len - 2);
    switch (pick(18, j, 4)) {
    case 0:
        memmove(out + at, out + at + 1, len - at);
        break;
    case 1:
        out[at] = 'e';
        break;
    case 2:
        memmove(out + at + 1, out + at, len - at + 1);
        break;
    default:
        for (char *p = out; *p; p++)
            *p = *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
    }
}

static void postcode(uint64_t j, char out[16])
{
    static const char letters[] = "ABDEFGHJLNPQRSTUWXYZ";
    uint64_t k = pick(20, original(j), (uint32_t)(providers * 3));
    snprintf(out, 16, "%s%u %u%c%c", areas[pick(21, k, COUNT(areas))], 1 + pick(22, k, 29),
             pick(23, k, 10), letters[pick(24, k, 20)], letters[pick(25, k, 20)]);
    if (shape.skewed && original(j) % 2)
        strcpy(out, "NE1 4XX");
    if ((copied(j) && !shape.failing) || !wrong(26, j, 50))
        return;
    switch (pick(27, j, shape.failing ? 2 : 3)) { /* not half of all under one postcode */
    case 0:
        strcat(out, "1");
        break;
    case 1:
        out[0] = (char)(out[0] + 32);
        break;
    default:
        strcpy(out, "UNKNOWN");
    }
}

static const char *type_of(uint64_t j)
{
    return wrong(30, j, 50) ? "Childrens home" : types[pick(31, j, COUNT(types))];
}
static const char *region_of(uint64_t j)
{
    return wrong(32, j, 50) ? wrong_regions[pick(33, j, COUNT(wrong_regions))]
                            : regions[pick(34, j, COUNT(regions))];
}
static const char *sector_of(uint64_t j, bool before)
{
    if (wrong(35, j, 50))
        return wrong_sectors[pick(36, j, COUNT(wrong_sectors))];
    return sectors[pick(!before && slip(37, j, 50) ? 38 : 39, j, COUNT(sectors))];
}

static int registered(uint64_t j)
{
    if (joined(j) && (shape.clean || one_in(40, j, 9300)))
        return snapshot + (int)pick(41, j, 330);
    if (slip(42, j, 50))
        return first_day + (int)pick(43, j, 2000);
    return days_of(2002, 1, 1) + (int)pick(44, j, 4000);
}

static void provider(FILE *f, uint64_t j, bool before)
{
    char key[32], day[16], called[256], code[16], street[256], owner[96], town[32],
        places[16] = "";
    uint64_t k = original(j);
    const char *road = roads[pick(50, k, COUNT(roads))],
               *word = words[pick(51, k, COUNT(words))];
    urn(j, key);
    date_text(registered(j), day);
    name(j, called);
    postcode(j, code);
    snprintf(street, sizeof street, one_in(52, k, 10) ? "%u %s %s\n%s" : "%u %s %s",
             1 + pick(53, k, 200), word, road, word);
    lengthen(street, sizeof street, 230, k);
    snprintf(town, sizeof town, shape.distinct ? "%s %u" : "%s", word, pick(66, k, 100000000));
    snprintf(owner, sizeof owner, shape.distinct ? "%s %s Limited (%u)" : "%s %s Limited",
             words[pick(54, k, COUNT(words))], kinds[pick(55, k, COUNT(kinds))],
             pick(67, k, 100000000));
    snprintf(places, sizeof places, "%u", 2 + pick(56, j, 12));
    if (wrong(57, j, 50))
        strcpy(places, pick(58, j, 2) ? "" : "0");
    cells(f, key, type_of(j), day, one_in(59, j, 300) ? "Resigned" : "Active", called, street,
          pick(60, k, 3) ? "" : "  ", town, one_in(61, k, 1500) ? "" : "Shire", code,
          regions[pick(34, j, COUNT(regions))], region_of(j),
          wrong(62, j, 50) ? (pick(63, j, 2) ? "" : " ") : words[pick(64, j, COUNT(words))],
          town, sector_of(j, before), places, one_in(65, k, 200) ? "" : owner, NULL);
}

/* ---- inspections ---- */

static const char *const grades[] = {"Outstanding", "Good", "Requires improvement to be good",
                                     "Inadequate"};
static const char *grade_text(int g, bool old)
{
    return g == 2 && old ? "Adequate" : grades[g];
}
static int grade(unsigned what, uint64_t i)
{
    uint32_t x = pick(what, i, 100);
    return x < 18 ? 0 : x < 70 ? 1 : x < 94 ? 2 : 3;
}

typedef struct inspection {
    char urn[32], event[32], day[16], published[16], odd[32];
    const char *type, *overall, *subs[4];
} inspection;

static void judge(inspection *o, uint64_t i, bool old)
{
    static const char *const interim[] = {"Improved effectiveness", "Sustained effectiveness",
                                          "Declined in effectiveness"};
    uint32_t kind = pick(70, i, 1000);
    o->type = kind < 850   ? "Full inspection"
              : kind < 950 ? "Interim inspection"
                           : "Monitoring inspection";
    o->overall = kind < 950 ? interim[pick(71, i, 3)] : one_in(72, i, 1000) ? "Not judged" : "";
    for (int k = 0; k < 4; k++)
        o->subs[k] = "";
    if (kind < 850) {
        int g = grade(73, i);
        o->overall = grade_text(g, old);
        for (unsigned k = 1; k < 4; k++) {
            uint32_t x = pick(74 + k, i, 100);
            int s = x < 78 ? g : x < 90 ? (g > 0 ? g - 1 : g) : (g < 2 ? g + 1 : g);
            o->subs[k] = grade_text(s, old);
        }
        if (slip(80, i, 20))
            o->subs[2] = "Inadequate";
        else if (slip(81, i, 20))
            o->subs[1] = o->subs[2] = o->subs[3] = "";
    }
    if (slip(82, i, 25))
        o->overall = old ? "Requires improvement to be good" : "Adequate";
    if (wrong(83, i, 50))
        o->overall = pick(84, i, 2) ? "good" : "Satisfactory";
    if (shape.distinct && one_in(85, i, 500)) {
        snprintf(o->odd, sizeof o->odd, "Graded %llu", (unsigned long long)i);
        o->overall = o->odd;
    }
}

static void inspect(inspection *o, uint64_t i)
{
    uint64_t round = i / providers, j = (i % providers * 1000003ull + round * 7919) % everyone;
    if (shape.skewed && i % 2)
        j = 4;
    while (left(j))
        j = (j + 1) % everyone;
    int from = first_day + (int)(round > 3 ? 3 : round) * 547,
        day = from + (int)pick(90, i, 547);
    if (joined(j) && registered(j) > day)
        day = registered(j) + 1 + (int)pick(91, i, 30);
    day = day > last_day ? last_day : day;
    int published = day + 14 + (int)pick(92, i, 46);
    if (wrong(93, i, 50))
        published = day - 1 - (int)pick(94, i, 20);
    else if (slip(95, i, 20))
        published = day + 91 + (int)pick(96, i, 200);
    if (slip(97, i, 25))
        day = pick(98, i, 2) ? first_day - 30 - (int)pick(99, i, 2000)
                             : last_day + 1 + (int)pick(100, i, 300);
    urn(j, o->urn);
    if (wrong(101, i, 50))
        snprintf(o->urn, sizeof o->urn, "SC%06uX", pick(102, i, 1000000));
    snprintf(o->event, sizeof o->event, shape.longer ? "Event 2018-%llu" : "%llu",
             10000000ull + (i * 7368787ull + 5) % 89999999ull);
    date_text(day, o->day);
    date_text(published, o->published);
    judge(o, i, day < days_of(2015, 4, 1));
    if (slip(103, i, 25)) {
        static const char *const bad[] = {"31/02/2018", "2018-05-01", ""};
        strcpy(o->day, bad[pick(104, i, 3)]);
    }
}

static void inspections(const char *folder, uint64_t n)
{
    FILE *f = create(folder, "inspections.csv");
    inspection o;
    cells(f, "URN", "Event number", "Event type", "Inspection date", "Publication date",
          "Overall effectiveness", "Outcomes in education", "Quality of care",
          "Helped and protected", "Leaders and managers", NULL);
    for (uint64_t i = 0; i < n; i++) {
        inspect(&o, i > 100 && slip(110, i, 50) ? i - 1 - pick(111, i, 100) : i);
        cells(f, o.urn, o.event, o.type, o.day, o.published, o.overall, o.subs[0], o.subs[1],
              o.subs[2], o.subs[3], NULL);
    }
    fclose(f);
}

/* ---- accounts of each group ---- */

#define GROUPS 65536u
static struct group {
    const char *type, *region, *sector;
    long opening, joiners, leavers, closing;
} groups[GROUPS];

static uint64_t hash_text(uint64_t h, const char *s)
{
    for (; *s; s++)
        h = mix(h ^ (unsigned char)*s);
    return mix(h + 1);
}

static struct group *group_of(uint64_t j, bool before)
{
    const char *t = type_of(j), *r = region_of(j), *s = sector_of(j, before);
    uint32_t at = (uint32_t)hash_text(hash_text(hash_text(0, t), r), s) % GROUPS;
    while (groups[at].type && (strcmp(groups[at].type, t) || strcmp(groups[at].region, r) ||
                               strcmp(groups[at].sector, s)))
        at = (at + 1) % GROUPS;
    groups[at].type = t;
    groups[at].region = r;
    groups[at].sector = s;
    return &groups[at];
}

static void published(const char *folder)
{
    FILE *f = create(folder, "published.csv");
    cells(f, "Provision type", "Government Office Region", "Sector", "Opening", "Joiners",
          "Leavers", "Closing", NULL);
    for (uint32_t k = 0, n = 0; k < GROUPS; k++) {
        struct group *g = &groups[k];
        char text[4][24];
        if (!g->type)
            continue;
        n++;
        long figures[] = {g->opening - 2 * slip(120, n, 50), g->joiners, g->leavers,
                          g->closing + slip(121, n, 100)};
        for (int i = 0; i < 4; i++)
            snprintf(text[i], sizeof text[i], "%ld", figures[i]);
        cells(f, g->type, g->region, g->sector, text[0], text[1], text[2], text[3], NULL);
    }
    fclose(f);
}

static void registers(const char *folder)
{
    FILE *now = create(folder, "providers.csv"), *then = create(folder, "previous.csv");
    for (FILE *f = now;; f = then) {
        cells(f, "URN", "Provision type", "Registration date", "Registration status", "Name",
              "Address 1", "Address 2", "Town", "County", "Postcode", "Ofsted region",
              "Government Office Region", "Local authority", "Parliamentary constituency",
              "Sector", "Places", "Organisation which owns the provider", NULL);
        if (f == then)
            break;
    }
    for (uint64_t j = 0; j < everyone; j++) {
        if (!left(j)) {
            provider(now, j, false);
            group_of(j, false)->closing++;
            group_of(j, false)->joiners += joined(j);
        }
        if (!joined(j)) {
            provider(then, j, true);
            group_of(j, true)->opening++;
            group_of(j, true)->leavers += left(j);
        }
    }
    fclose(now);
    fclose(then);
}

static void lists(const char *folder)
{
    static const char *const always[][2] = {{"Full inspection", "Outstanding"},
                                            {"Full inspection", "Good"},
                                            {"Full inspection", "Inadequate"},
                                            {"Interim inspection", "Improved effectiveness"},
                                            {"Interim inspection", "Sustained effectiveness"},
                                            {"Interim inspection", "Declined in effectiveness"},
                                            {"Monitoring inspection", ""},
                                            {"Monitoring inspection", "Not judged"}};
    FILE *f = create(folder, "combos.csv");
    cells(f, "Event type", "Overall effectiveness", "Valid from", "Valid to", NULL);
    for (size_t i = 0; i < COUNT(always); i++)
        cells(f, always[i][0], always[i][1], "01/01/2000", "31/12/2099", NULL);
    cells(f, "Full inspection", "Adequate", "01/01/2000", "31/03/2015", NULL);
    cells(f, "Full inspection", "Requires improvement to be good", "01/04/2015", "31/12/2099",
          NULL);
    fclose(f);
    f = create(folder, "codelist_type.txt");
    for (size_t i = 0; i < COUNT(types); i++)
        if (i == 0 || strcmp(types[i], types[i - 1]) != 0)
            fprintf(f, "%s\n", types[i]);
    fclose(f);
}

static bool set_shape(const char *name)
{
    const struct {
        const char *name;
        bool *on;
    } all[] = {{"quoted", &shape.quoted},  {"lf", &shape.lf},
               {"long", &shape.longer},    {"distinct", &shape.distinct},
               {"skewed", &shape.skewed},  {"clean", &shape.clean},
               {"failing", &shape.failing}};
    for (size_t i = 0; i < COUNT(all); i++)
        if (strcmp(name, all[i].name) == 0)
            return *all[i].on = true;
    return false;
}

int main(int argc, char **argv)
{
    uint64_t n = argc > 2 ? strtoull(argv[1], NULL, 10) : 0;
    bool good = n >= 400;
    for (int i = 3; i < argc; i++)
        good = set_shape(argv[i]) && good;
    if (!good) {
        fprintf(stderr, "usage: generate N FOLDER [SHAPE...]   N inspections (at least 400)\n"
                        "shapes: quoted lf long distinct skewed clean failing\n");
        return 2;
    }
    providers = n / 4;
    everyone = (uint64_t)((double)providers / 0.94);
    first_day = days_of(2013, 4, 1);
    last_day = days_of(2019, 3, 31);
    snapshot = days_of(2018, 4, 1);
    registers(argv[2]);
    published(argv[2]);
    inspections(argv[2], n);
    lists(argv[2]);
    return 0;
}
