/* encoding.c: detection of encodings and conversion to UTF-8.
 *
 * Each converter runs twice over the bytes: once to count, once to write, so that the text is
 * allocated exactly. A byte that the encoding does not define is an error with its place, never
 * a replacement character. */
#include "input/encoding.h"

#include "base/alloc.h"
#include "input/file.h"

#define NO_CHARACTER 0xffffu

/* 0x80 to 0x9f; the rest is Latin-1. */
static const uint16_t windows_1252[32] = {
    0x20ac,       NO_CHARACTER, 0x201a, 0x0192, 0x201e, 0x2026,       0x2020, 0x2021,
    0x02c6,       0x2030,       0x0160, 0x2039, 0x0152, NO_CHARACTER, 0x017d, NO_CHARACTER,
    NO_CHARACTER, 0x2018,       0x2019, 0x201c, 0x201d, 0x2022,       0x2013, 0x2014,
    0x02dc,       0x2122,       0x0161, 0x203a, 0x0153, NO_CHARACTER, 0x017e, 0x0178};

/* 0x80 to 0xff. */
static const uint16_t mac_roman[128] = {
    0x00c4, 0x00c5, 0x00c7, 0x00c9, 0x00d1, 0x00d6, 0x00dc, 0x00e1, 0x00e0, 0x00e2, 0x00e4,
    0x00e3, 0x00e5, 0x00e7, 0x00e9, 0x00e8, 0x00ea, 0x00eb, 0x00ed, 0x00ec, 0x00ee, 0x00ef,
    0x00f1, 0x00f3, 0x00f2, 0x00f4, 0x00f6, 0x00f5, 0x00fa, 0x00f9, 0x00fb, 0x00fc, 0x2020,
    0x00b0, 0x00a2, 0x00a3, 0x00a7, 0x2022, 0x00b6, 0x00df, 0x00ae, 0x00a9, 0x2122, 0x00b4,
    0x00a8, 0x2260, 0x00c6, 0x00d8, 0x221e, 0x00b1, 0x2264, 0x2265, 0x00a5, 0x00b5, 0x2202,
    0x2211, 0x220f, 0x03c0, 0x222b, 0x00aa, 0x00ba, 0x03a9, 0x00e6, 0x00f8, 0x00bf, 0x00a1,
    0x00ac, 0x221a, 0x0192, 0x2248, 0x2206, 0x00ab, 0x00bb, 0x2026, 0x00a0, 0x00c0, 0x00c3,
    0x00d5, 0x0152, 0x0153, 0x2013, 0x2014, 0x201c, 0x201d, 0x2018, 0x2019, 0x00f7, 0x25ca,
    0x00ff, 0x0178, 0x2044, 0x20ac, 0x2039, 0x203a, 0xfb01, 0xfb02, 0x2021, 0x00b7, 0x201a,
    0x201e, 0x2030, 0x00c2, 0x00ca, 0x00c1, 0x00cb, 0x00c8, 0x00cd, 0x00ce, 0x00cf, 0x00cc,
    0x00d3, 0x00d4, 0xf8ff, 0x00d2, 0x00da, 0x00db, 0x00d9, 0x0131, 0x02c6, 0x02dc, 0x00af,
    0x02d8, 0x02d9, 0x02da, 0x00b8, 0x02dd, 0x02db, 0x02c7};

static const struct {
    const char *name;
    as_encoding encoding;
} names[] = {{"utf-8", AS_ENC_UTF8},
             {"utf-16", AS_ENC_UTF16LE},
             {"utf-16le", AS_ENC_UTF16LE},
             {"utf-16be", AS_ENC_UTF16BE},
             {"windows-1252", AS_ENC_WINDOWS_1252},
             {"latin-1", AS_ENC_LATIN_1},
             {"mac-roman", AS_ENC_MAC_ROMAN}};

/* ---- writing UTF-8 ---- */

typedef struct sink {
    char *ptr; /* NULL while counting */
    size_t len;
} sink;

static void put(sink *s, uint32_t c)
{
    char b[4];
    size_t n;
    if (c < 0x80) {
        b[0] = (char)c;
        n = 1;
    } else if (c < 0x800) {
        b[0] = (char)(0xc0 | (c >> 6));
        b[1] = (char)(0x80 | (c & 63));
        n = 2;
    } else if (c < 0x10000) {
        b[0] = (char)(0xe0 | (c >> 12));
        b[1] = (char)(0x80 | ((c >> 6) & 63));
        b[2] = (char)(0x80 | (c & 63));
        n = 3;
    } else {
        b[0] = (char)(0xf0 | (c >> 18));
        b[1] = (char)(0x80 | ((c >> 12) & 63));
        b[2] = (char)(0x80 | ((c >> 6) & 63));
        b[3] = (char)(0x80 | (c & 63));
        n = 4;
    }
    if (s->ptr)
        memcpy(s->ptr + s->len, b, n);
    s->len += n;
}

/* ---- one byte a character ---- */

static uint32_t from_byte(as_encoding encoding, unsigned char c)
{
    if (c < 0x80)
        return c;
    if (encoding == AS_ENC_MAC_ROMAN)
        return mac_roman[c - 0x80];
    if (encoding == AS_ENC_WINDOWS_1252 && c < 0xa0)
        return windows_1252[c - 0x80];
    return c;
}

/* Returns the offset of the first byte without a meaning, or bytes.len. */
static size_t convert_bytes(sink *s, as_encoding encoding, as_str bytes)
{
    size_t i = 0;
    while (i < bytes.len) {
        uint64_t eight;
        if (bytes.len - i >= 8 && (memcpy(&eight, bytes.ptr + i, 8), true) &&
            (eight & 0x8080808080808080ull) == 0) {
            if (s->ptr)
                memcpy(s->ptr + s->len, &eight, 8);
            s->len += 8;
            i += 8;
            continue;
        }
        uint32_t c = from_byte(encoding, (unsigned char)bytes.ptr[i]);
        if (c == NO_CHARACTER)
            return i;
        put(s, c);
        i++;
    }
    return i;
}

/* ---- UTF-16 ---- */

static uint32_t unit(as_str bytes, size_t at, bool big)
{
    uint32_t a = (unsigned char)bytes.ptr[at], b = (unsigned char)bytes.ptr[at + 1];
    return big ? a << 8 | b : b << 8 | a;
}

static size_t convert_utf16(sink *s, as_encoding encoding, as_str bytes)
{
    bool big = encoding == AS_ENC_UTF16BE;
    size_t i = 0;
    while (bytes.len - i >= 2) {
        uint32_t c = unit(bytes, i, big);
        size_t step = 2;
        if (c >= 0xd800 && c < 0xe000) {
            uint32_t low = bytes.len - i >= 4 ? unit(bytes, i + 2, big) : 0;
            if (c >= 0xdc00 || low < 0xdc00 || low >= 0xe000)
                return i;
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            step = 4;
        }
        put(s, c);
        i += step;
    }
    return i; /* short of bytes.len by one where a half unit is left */
}

/* ---- choosing ---- */

static size_t convert_into(sink *s, as_encoding encoding, as_str bytes)
{
    if (encoding == AS_ENC_UTF16LE || encoding == AS_ENC_UTF16BE)
        return convert_utf16(s, encoding, bytes);
    return convert_bytes(s, encoding, bytes);
}

static as_code fail_at(const as_encoded *x, as_str bytes, size_t bad, const char *path,
                       as_err *e)
{
    sink s = {as_alloc(bad * 3 + 4),
              0}; /* no encoding here needs more than three for one byte */
    as_span at = {path, 0, 0};
    if (s.ptr) {
        convert_into(&s, x->encoding, as_str_sub(bytes, 0, bad));
        at = as_place(path, (as_str){s.ptr, s.len}, s.len);
    }
    as_free(s.ptr);
    if (x->encoding == AS_ENC_UTF16LE || x->encoding == AS_ENC_UTF16BE)
        return as_fail(
            e, AS_EINPUT, at,
            "this is not valid UTF-16 (half a character at byte %zu); the file is cut "
            "short or damaged: export it again",
            bad + (x->mark ? 2 : 0) + 1);
    return as_fail(e, AS_EINPUT, at,
                   "byte 0x%02X is no character in %s; say which encoding the file has with "
                   "encoding: (utf-8, windows-1252, latin-1, mac-roman, utf-16)",
                   (unsigned)(unsigned char)bytes.ptr[bad], as_encoding_name(x));
}

static as_code convert(as_encoded *x, as_str bytes, const char *path, as_err *e)
{
    sink count = {NULL, 0};
    size_t end = convert_into(&count, x->encoding, bytes);
    if (end != bytes.len)
        return fail_at(x, bytes, end, path, e);
    sink text = {as_alloc(count.len + AS_FILE_PADDING), 0};
    if (!text.ptr)
        return as_fail_nomem(e);
    convert_into(&text, x->encoding, bytes);
    memset(text.ptr + text.len, 0, AS_FILE_PADDING);
    x->heap = text.ptr;
    x->text = (as_str){text.ptr, text.len};
    x->checked = true;
    return AS_OK;
}

/* Text of mostly Western letters has a zero in every other byte. */
static bool looks_utf16(as_str bytes, bool big)
{
    size_t pairs = (bytes.len < 4096 ? bytes.len : 4096) / 2, high = 0, low = 0;
    for (size_t i = 0; i < pairs; i++) {
        high += bytes.ptr[2 * i + (big ? 0 : 1)] == 0;
        low += bytes.ptr[2 * i + (big ? 1 : 0)] == 0;
    }
    return pairs >= 2 && high * 10 >= pairs * 4 && low * 50 <= pairs;
}

static bool begins(as_str bytes, const char *mark, size_t n)
{
    return bytes.len >= n && memcmp(bytes.ptr, mark, n) == 0;
}

static void detect(as_encoded *x, as_str bytes)
{
    x->encoding = AS_ENC_UTF8;
    if (begins(bytes, "\xff\xfe", 2) || looks_utf16(bytes, false))
        x->encoding = AS_ENC_UTF16LE;
    else if (begins(bytes, "\xfe\xff", 2) || looks_utf16(bytes, true))
        x->encoding = AS_ENC_UTF16BE;
    else
        x->guessed = !begins(bytes, "\xef\xbb\xbf", 3);
}

static as_code look_up(as_encoded *x, as_str bytes, as_str declared, const char *path,
                       as_err *e)
{
    if (declared.len == 0 || as_str_eq(declared, AS_STR("auto"))) {
        detect(x, bytes);
        return AS_OK;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!as_str_eq(declared, as_str_from(names[i].name)))
            continue;
        x->encoding = names[i].encoding;
        if (as_str_eq(declared, AS_STR("utf-16")) &&
            (begins(bytes, "\xfe\xff", 2) ||
             (!begins(bytes, "\xff\xfe", 2) && looks_utf16(bytes, true))))
            x->encoding = AS_ENC_UTF16BE;
        return AS_OK;
    }
    return as_fail(
        e, AS_EINPUT, (as_span){path, 0, 0},
        "unknown encoding \"%.*s\"; use auto, utf-8, windows-1252, latin-1, mac-roman, "
        "utf-16, utf-16le or utf-16be",
        AS_FMT(declared));
}

as_code as_encoding_choose(as_encoded *out, as_str bytes, as_str declared, const char *path,
                           as_err *e)
{
    *out = (as_encoded){.text = bytes};
    as_span top = {path, 1, 1};
    if (begins(bytes, "\xff\xfe\0\0", 4) || begins(bytes, "\0\0\xfe\xff", 4))
        return as_fail(e, AS_EINPUT, top,
                       "this is UTF-32, which is not read; save it as UTF-8");
    as_code code = look_up(out, bytes, declared, path, e);
    if (code != AS_OK)
        return code;
    bool mark8 = begins(bytes, "\xef\xbb\xbf", 3);
    if (mark8 && out->encoding != AS_ENC_UTF8)
        return as_fail(e, AS_EINPUT, top,
                       "the file is declared as %s but begins with the mark of UTF-8; write "
                       "encoding: auto",
                       as_encoding_name(out));
    if (out->encoding == AS_ENC_UTF8) {
        out->mark = mark8;
        out->text = as_str_sub(bytes, mark8 ? 3 : 0, bytes.len);
        return AS_OK;
    }
    bool wide = out->encoding == AS_ENC_UTF16LE || out->encoding == AS_ENC_UTF16BE;
    out->mark =
        wide && begins(bytes, out->encoding == AS_ENC_UTF16BE ? "\xfe\xff" : "\xff\xfe", 2);
    return convert(out, as_str_sub(bytes, out->mark ? 2 : 0, bytes.len), path, e);
}

as_code as_encoding_fall_back(as_encoded *x, as_str bytes, const char *path, as_err *e)
{
    *x = (as_encoded){.encoding = AS_ENC_WINDOWS_1252, .text = bytes};
    return convert(x, bytes, path, e);
}

as_code as_encoding_invalid(const as_encoded *x, size_t at, const char *path, as_err *e)
{
    return as_fail(
        e, AS_EINPUT, as_place(path, x->text, at),
        "byte 0x%02X is not valid UTF-8 here%s; write encoding: windows-1252 if that is "
        "what the file is, or save it as UTF-8",
        (unsigned)(unsigned char)x->text.ptr[at],
        x->mark ? " (the file begins with the mark of UTF-8)" : "");
}

void as_encoding_close(as_encoded *x)
{
    as_free(x->heap);
    *x = (as_encoded){.heap = NULL};
}

const char *as_encoding_name(const as_encoded *x)
{
    switch (x->encoding) {
    case AS_ENC_UTF16LE:
        return x->mark ? "utf-16le (byte order mark)" : "utf-16le";
    case AS_ENC_UTF16BE:
        return x->mark ? "utf-16be (byte order mark)" : "utf-16be";
    case AS_ENC_WINDOWS_1252:
        return "windows-1252";
    case AS_ENC_LATIN_1:
        return "latin-1";
    case AS_ENC_MAC_ROMAN:
        return "mac-roman";
    default:
        return x->mark ? "utf-8 (byte order mark)" : "utf-8";
    }
}
