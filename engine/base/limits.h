/* limits.h: every cap in one place. A cap that is hit is always said, with its name. */
#ifndef AS_BASE_LIMITS_H
#define AS_BASE_LIMITS_H

#include <stddef.h>

#define AS_KIB ((size_t)1024)
#define AS_MIB (1024 * AS_KIB)

/* YAML */
#define AS_YAML_FILE_MAX (8 * AS_MIB)
#define AS_YAML_DEPTH_MAX 64
#define AS_YAML_NODES_MAX 1000000
#define AS_YAML_ALIASES_MAX 1000 /* alias uses in one file */
#define AS_DIAGS_MAX 500

/* Extracts */
#define AS_FIELD_MAX (64 * AS_MIB)      /* bytes in one cell */
#define AS_RECORD_MAX (1024 * AS_MIB)   /* bytes in one record */
#define AS_COLUMNS_MAX 4096             /* columns of one extract */
#define AS_HEADER_TEXT_MAX 4096         /* bytes; a longer cell is no header of a field */
#define AS_HEADER_SEARCH_ROWS 50        /* rows in which `header: auto` looks */
#define AS_ROWS_MAX 0xfffffff0u         /* records of one table */
#if !defined(AS_SEGMENT_BYTES)          /* a build for tests takes small ones */
#define AS_SEGMENT_BYTES (512 * AS_KIB) /* with its separators it stays in a core's cache */
#endif
#define AS_DOCUMENT_MAX (8 * AS_MIB) /* a commentary */
#define AS_FIGURES_MAX 500000        /* numbers in one document */

/* Steps of one look-up in a hash table. Chance does not come near (about 200 in a table of
 * 4,000 million); values made to collide do, and would take hours without it. */
#define AS_PROBES_MAX 1024

/* Rules */
#define AS_REGEX_PATTERN_MAX (16 * AS_KIB)
#define AS_REGEX_MATCH_LIMIT 200000
#define AS_REGEX_DEPTH_LIMIT 2000
#define AS_REGEX_SUBJECT_MAX (1 * AS_MIB)
#define AS_REGEX_HEAP_KIB 16384         /* memory of one match without JIT */
#define AS_REGEX_STACK_MAX (1 * AS_MIB) /* stack of one match with JIT */
#define AS_KEY_FIELDS_MAX 16
#define AS_FORMULA_STEPS_MAX 1000 /* numbers, measures and operators of one formula */
#define AS_FORMULA_DEPTH_MAX 64   /* brackets within brackets; measures defined by measures */
#define AS_BRIDGE_RECORDS_MAX 1000000
#define AS_PARTS_MAX 64         /* parts that one `adds_up` names */
#define AS_CANDIDATES_MAX 65536 /* rows of another table with one record's key */
#define AS_COMPARED_MAX 4096    /* code points of a text that is compared for likeness */
#define AS_EDITS_MAX 100        /* largest distance that a rule may ask for */
#define AS_PAIRS_MAX 1000000    /* pairs of records that are alike, told one by one */
#define AS_ALIKE_MAX 100000     /* records of one block that are compared with each other */

/* Lua */
#define AS_LUA_INSTRUCTIONS 10000000 /* per call */
#define AS_LUA_HOOK_EVERY 1000
#define AS_LUA_MEMORY (64 * AS_MIB) /* per state */
#define AS_LUA_CALL_MS 2000         /* wall clock per call */
#define AS_LUA_PATTERN_MAX 256
#define AS_LUA_SUBJECT_MAX (64 * AS_KIB)
#define AS_LUA_MATCH_STEPS 1000000
#define AS_LUA_SOURCE_MAX (1 * AS_MIB)

/* SQL */
#define AS_SQL_QUERY_MAX (64 * AS_KIB)
#define AS_SQL_STEPS 500000000u      /* steps of SQLite's machine and of look-ups, per query */
#define AS_SQL_STEPS_EVERY 100       /* how often they are counted */
#define AS_SQL_MS 120000             /* wall clock per query */
#define AS_SQL_MEMORY (512 * AS_MIB) /* what SQLite may hold for one query */
#define AS_SQL_TEXT_MAX (256 * AS_KIB)   /* one text, or one row of an intermediate result */
#define AS_SQL_ROWS_MAX 1000000          /* rows that a query may return */
#define AS_SQL_RESULT_MAX (256 * AS_MIB) /* bytes of all values that a query returns */
#define AS_SQL_DEPTH_MAX 200             /* expressions within expressions */
#define AS_SQL_COMPOUND_MAX 50           /* SELECTs joined by UNION and the like */
#define AS_SQL_PATTERN_MAX 256           /* bytes of a LIKE or GLOB pattern */

/* Sign-off */
#define AS_STATEMENT_MAX (64 * AS_MIB) /* a signed statement */
#define AS_SIGNATURE_MAX (1 * AS_MIB)

/* Decisions */
#define AS_ACCEPT_YEARS 2             /* an acceptance ends so many years ahead at the latest */
#define AS_LAPSE_DAYS 30              /* one that ends within so many days is about to lapse */
#define AS_REASON_MAX 2000            /* bytes of a reason, a note */
#define AS_WHO_MAX 200                /* bytes of a name */
#define AS_JSON_BODY_MAX (8 * AS_MIB) /* one event's body */

/* Threads */
#define AS_JOBS_MAX 256 /* --jobs above it works with so many */

/* Spreadsheets (engine/sheets) */
#define AS_SHEET_ROWS_MAX 1048576 /* rows of one sheet, its header among them */
#define AS_SHEET_CELL_MAX 32767   /* characters of one cell, as a spreadsheet counts them */

#define AS_SHEET_FILE_MAX (256 * AS_MIB)
#define AS_SHEET_ENTRIES_MAX 10000        /* files in the package */
#define AS_SHEET_PART_MAX (4096 * AS_MIB) /* one of them, unpacked */
#define AS_SHEET_RATIO_MAX 500            /* unpacked to packed… */
#define AS_SHEET_RATIO_FROM (16 * AS_MIB) /* …in parts above this */
#define AS_SHEET_TEXT_MAX (512 * AS_MIB)  /* texts that a workbook shares */
#define AS_SHEET_CELLS_MAX 100000000u     /* cells read, the repeated ones counted */
#define AS_XML_DEPTH_MAX 64               /* elements within elements */

/* Text that is built */
#define AS_MESSAGE_MAX (4 * AS_KIB) /* one finding's sentence */
#define AS_EVIDENCE_MAX (64 * AS_KIB)
#define AS_MOVES_MAX 64 /* published figures told of one finding; the others are counted */
#define AS_JSON_SCHEMA_MAX (4 * AS_MIB)
#define AS_REPORT_MAX ((size_t)4 << 30)

#endif
