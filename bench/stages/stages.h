/* stages.h: micro-benchmarks of the engine's stages, so that a regression is found where it
 * happens. Everything runs on one worker; a figure is the best of some rounds. */
#ifndef BENCH_STAGES_H
#define BENCH_STAGES_H

#include "table/table.h"

#define STAGE_ROUNDS 5

double stage_now(void); /* seconds */
/* Best time of STAGE_ROUNDS calls, in seconds. */
typedef void (*stage_fn)(void *arg);
double stage_best(stage_fn fn, void *arg);

void stage_title(const char *title);
void stage_rate(const char *what, double bytes, double seconds);                   /* GB/s */
void stage_each(const char *what, double count, double seconds, const char *each); /* ns */
void stage_millis(const char *what, double seconds);
/* Ends the program where code is not AS_OK. */
void stage_must(as_code code, const as_err *e);

/* FOLDER is the generator's; `work` a folder for files of our own. */
void stages_read(const char *folder, const char *work);                    /* reading.c */
void stages_tables(const char *work);                                      /* tables.c */
void stages_rules(const char *folder, const char *pack, const char *work); /* rules.c */

/* made.c: a CSV file of `rows` records with the fields k0, k1, … of one sort, and its table. */
typedef struct stage_made stage_made;
typedef enum stage_sort {
    STAGE_FEW,    /* a hundred texts */
    STAGE_SOME,   /* ten thousand */
    STAGE_SHORT,  /* unique texts of 7 bytes */
    STAGE_LONG,   /* unique texts of about 25 */
    STAGE_QUOTED, /* a hundred texts, in quotes */
    STAGE_DATE,
    STAGE_ISO_DATE,
    STAGE_INTEGER,
    STAGE_NUMBER
} stage_sort;
stage_made *stage_make(const char *work, stage_sort sort, uint32_t fields, uint32_t rows);
/* With the first `fields` of them; the caller closes it (as_table_close). */
as_table *stage_load(const stage_made *m, uint32_t fields);
void stage_unmake(stage_made *m);

#endif
