/* formats.c: the list of formats, made from formats.def. */
#include "embedded.h"
#include "reports/host.h"

#define WRITER(name, mode)                                                                     \
    static as_code render_##name(as_ledger *l, const as_doc *doc, const as_report_options *o,  \
                                 as_out out, as_err *e)                                        \
    {                                                                                          \
        const as_str script = {(const char *)as_embedded_##name##_lua,                         \
                               as_embedded_##name##_lua_size};                                 \
        const as_writer w = {AS_STR(#name ".lua"), script, mode};                              \
        return as_host_render(&w, l, doc, o, out, e);                                          \
    }

#define AS_FORMAT(name) extern const as_format as_format_##name;
#define AS_FORMAT_LUA(name, text)                                                              \
    WRITER(name, AS_TEXTS_AS_THEY_ARE)                                                         \
    static const as_format as_format_##name = {#name, text, false, render_##name, NULL};
#define AS_FORMAT_TERMINAL(name, text)                                                         \
    WRITER(name, AS_TEXTS_FOR_A_TERMINAL)                                                      \
    static const as_format as_format_##name = {#name, text, false, render_##name, NULL};
#include "reports/formats.def"
#undef AS_FORMAT
#undef AS_FORMAT_LUA
#undef AS_FORMAT_TERMINAL

#define AS_FORMAT(name) &as_format_##name,
#define AS_FORMAT_LUA(name, text) &as_format_##name,
#define AS_FORMAT_TERMINAL(name, text) &as_format_##name,
const as_format *const as_formats[] = {
#include "reports/formats.def"
};
const size_t as_format_count = sizeof as_formats / sizeof *as_formats;

const as_format *as_format_find(as_str name)
{
    for (size_t i = 0; i < as_format_count; i++) {
        if (as_str_eq(name, as_str_from(as_formats[i]->name))) {
            return as_formats[i];
        }
    }
    return NULL;
}
