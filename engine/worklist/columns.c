/* columns.c: the columns of a worklist, in the order in which a steward reads them: what is
 * wrong, what to say of it, why, where. Import finds them by their headers (import.c), so a
 * header that changes makes older lists unreadable. */
#include "worklist/worklist.h"

const char *const as_wl_answers[] = {"corrected", "not an error", "query", NULL};

const as_sheet_column as_wl_columns[AS_WL_COLUMNS] = {
    [AS_WL_KEY] = {.header = "Key", .width = 18},
    [AS_WL_FIELD] = {.header = "Field", .width = 20},
    [AS_WL_VALUE] = {.header = "Value", .width = 18},
    [AS_WL_EXPECTED] = {.header = "Expected", .width = 36},
    [AS_WL_MESSAGE] = {.header = "What is wrong", .width = 44},
    [AS_WL_ANSWER] = {.header = "Answer",
                      .width = 14,
                      .open = true,
                      .choices = as_wl_answers,
                      .prompt = "corrected: the register is right now. not an error: it is "
                                "right as it is, and the comment says why. query: ask me."},
    [AS_WL_COMMENT] = {.header = "Comment", .width = 30, .open = true},
    [AS_WL_DATE] = {.header = "Date",
                    .width = 12,
                    .kind = AS_SHEET_DATE,
                    .open = true,
                    .prompt = "When it was corrected, such as 2018-05-02 or 02/05/2018."},
    [AS_WL_WHY] = {.header = "Why it matters", .width = 60},
    [AS_WL_RULE] = {.header = "Rule", .width = 16},
    [AS_WL_SEVERITY] = {.header = "Severity", .width = 10},
    [AS_WL_STEWARD] = {.header = "Steward", .width = 14},
    [AS_WL_STATE] = {.header = "State", .width = 10},
    [AS_WL_DECISION] = {.header = "Decision", .width = 20},
    [AS_WL_FIRST_SEEN] = {.header = "First seen", .width = 12, .kind = AS_SHEET_DATE},
    [AS_WL_FIRST_RUN] = {.header = "First run", .width = 10, .kind = AS_SHEET_NUMBER},
    [AS_WL_AGE] = {.header = "Age in days", .width = 12, .kind = AS_SHEET_NUMBER},
    [AS_WL_MOVES] = {.header = "Figures moved", .width = 12, .kind = AS_SHEET_NUMBER},
    [AS_WL_TABLE] = {.header = "Table", .width = 14},
    [AS_WL_FILE] = {.header = "File", .width = 40},
    [AS_WL_LINE] = {.header = "Line", .width = 8, .kind = AS_SHEET_NUMBER},
    [AS_WL_FINGERPRINT] = {.header = "Fingerprint", .width = 34, .hidden = true},
};
